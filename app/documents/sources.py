"""From a consultation and its therapy to the contents of a bundle, in the language of the bundle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from app.consultations.bundles import BundleSource, Past
from app.consultations.costs import Told
from app.consultations.queries import AttachmentView, QuestionView
from app.core.storage import Storage
from app.documents.content import (
    Abbreviation,
    Attachment,
    BundleRequest,
    Consultation,
    Contact,
    Organisation,
    PastConsultation,
    Question,
    Therapy,
)
from app.documents.prose import printed_day
from app.engine.definition.common import Language, Text
from app.rules import reading
from app.therapies.kinds import UNSTATED, classes
from app.web.components import SourceMark

MISSING = Path("/nonexistent")  # an attachment whose bytes are gone becomes a finding, not a fault
RECORDED = Text(ja="対面助言記録あり", en="Record of the consultation issued")


def bundle_request(
    source: BundleSource, language: Language, made_on: dt.date, storage: Storage, *, japanese_era: bool = True
) -> BundleRequest:
    """The contents of a bundle; what nobody wrote stays undefined, and the template says whether it may."""
    therapy, said = source.therapy, source.texts.get
    product_class = classes().get(therapy.product_class)
    return BundleRequest(
        language=language,
        made_on=made_on,
        japanese_era=japanese_era,
        addressee=said("addressee"),
        consultation=Consultation(
            type_name=source.consultation.kind.name.say(language),
            wished_days=source.wished_days,
            agreed_day=source.agreed_day,
            manner=source.manner.say(language) if source.manner else None,
            purpose=said("purpose"),
            summary=said("summary"),
            forms=_told(source.costs.forms, language),
            fees=_told(source.costs.fees, language),
        ),
        therapy=Therapy(
            name=therapy.name(language) or None,
            code=said("therapy_code"),
            classification=product_class.say(language) if product_class else None,
            indication=therapy.indication(language) or None,
            cells_or_genes=therapy.material_text.say(language) if therapy.material != UNSTATED else None,
            composition=said("composition"),
            dosage=said("dosage"),
            designations=said("designations"),
            cartagena=said("cartagena"),
        ),
        organisation=Organisation(
            name=therapy.organisation(language),
            representative=said("representative"),
            address=said("address"),
            company_code=said("company_code"),
        ),
        contact=Contact(
            name=said("contact_name"),
            department=said("department"),
            telephone=said("telephone"),
            fax=said("fax"),
            email=said("email"),
        ),
        background=said("background"),
        product_outline=said("product_outline"),
        data_summary=said("data_summary"),
        remarks=said("remarks"),
        abbreviations=tuple(Abbreviation(short, full) for short, full in source.abbreviations),
        questions=tuple(_question(one) for one in source.questions),
        history=tuple(_past(one, language) for one in source.history),
        attachments=tuple(_attachment(one, storage) for one in source.attachments),
    )


def _told(values: Sequence[Told], language: Language) -> str:
    """Each value on a line, with what to know and to ask, and how it is known."""
    ja = language == "ja"
    lines = []
    for one in values:
        beside = [each.say(language) for each in (one.note, one.ask) if each]
        beside += [mark_in_words(mark, language) for mark in reading.of_provenance(one.provenance, language)]
        head = f"{one.name.say(language)}{'：' if ja else ': '}{one.value.say(language)}"
        lines.append(
            f"{head}（{' '.join(beside)}）" if ja and beside else f"{head} ({' '.join(beside)})" if beside else head
        )
    return "\n".join(lines)


def mark_in_words(mark: SourceMark, language: Language) -> str:
    """Where a value was read and on which day, or that it was recalled, as a sentence."""
    if language == "ja":
        day = f"（{printed_day(mark.read_on, 'ja')}閲覧）" if mark.read_on else ""
        told = f"出典：{mark.title}{day}。" if mark.title else ""
        return told + ("記憶によるもので、確認していません。" if mark.look == "recalled" else "")
    day = f", read on {printed_day(mark.read_on, 'en')}" if mark.read_on else ""
    told = f"Source: {mark.title}{day}." if mark.title else ""
    return " ".join(filter(None, (told, "Recalled, not checked." if mark.look == "recalled" else "")))


def _question(one: QuestionView) -> Question:
    return Question(
        number=str(one.number),
        title=one.title or None,
        question=one.question or None,
        position=one.position or None,
        grounds=one.grounds or None,
    )


def _past(one: Past, language: Language) -> PastConsultation:
    return PastConsultation(one.day, one.name.say(language), RECORDED.say(language) if one.record_on else None)


def _attachment(one: AttachmentView, storage: Storage) -> Attachment:
    try:
        path = storage.path(one.sha256)
    except FileNotFoundError:
        path = MISSING
    return Attachment(one.number, one.title, one.filename, path, one.sha256)
