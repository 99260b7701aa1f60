"""Changing consultations: the plan and its steps, the questions, the attachments, the data for the documents."""

from app.consultations.services import anew
from app.consultations.services.attachments import (
    attach,
    delete_attachment,
    edit_attachment,
    move_attachment,
)
from app.consultations.services.briefing import save_briefing
from app.consultations.services.inquiries import Told, add_inquiry, delete_inquiry, edit_inquiry
from app.consultations.services.plans import (
    change_wish,
    confirm,
    current_plan,
    preview,
    previewing,
    record_notice,
    record_step,
    reopen_step,
)
from app.consultations.services.questions import (
    add_question,
    delete_question,
    edit_question,
    move_question,
)
from app.consultations.services.turns import correct_turn, record_turn, take_back_turn, withdraw
from app.core.uploads import Upload

__all__ = [
    "Told",
    "Upload",
    "add_inquiry",
    "add_question",
    "anew",
    "attach",
    "change_wish",
    "confirm",
    "correct_turn",
    "current_plan",
    "delete_attachment",
    "delete_inquiry",
    "delete_question",
    "edit_attachment",
    "edit_inquiry",
    "edit_question",
    "move_attachment",
    "move_question",
    "preview",
    "previewing",
    "record_notice",
    "record_step",
    "record_turn",
    "reopen_step",
    "save_briefing",
    "take_back_turn",
    "withdraw",
]
