"""Changing consultations: the plan and its steps, the questions, the attachments, the data for the documents."""

from app.consultations.services.attachments import (
    Upload,
    attach,
    delete_attachment,
    edit_attachment,
    move_attachment,
)
from app.consultations.services.briefing import save_briefing
from app.consultations.services.plans import (
    change_wish,
    confirm,
    current_plan,
    preview,
    record_notice,
    record_step,
    reopen_step,
    withdraw,
)
from app.consultations.services.questions import (
    add_question,
    delete_question,
    edit_question,
    move_question,
)

__all__ = [
    "Upload",
    "add_question",
    "attach",
    "change_wish",
    "confirm",
    "current_plan",
    "delete_attachment",
    "delete_question",
    "edit_attachment",
    "edit_question",
    "move_attachment",
    "move_question",
    "preview",
    "record_notice",
    "record_step",
    "reopen_step",
    "save_briefing",
    "withdraw",
]
