"""The program for a WSGI server."""

import gc

from app import create_app
from app.config import Settings

gc.disable()  # what is read now stays: looking for waste in it takes a tenth of the start
app = create_app(Settings())
gc.freeze()  # nor later; and processes that are forked from this one share it
gc.enable()
