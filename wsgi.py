"""The program for a WSGI server."""

from app import create_app
from app.config import Settings

app = create_app(Settings())
