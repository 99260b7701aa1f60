"""From a consultation and its therapy to the contents of a bundle, in the language of the bundle."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from app.consultations.bundles import BundleSource, Past
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
from app.engine.definition.common import Language, Text
from app.therapies.kinds import UNSTATED, classes

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
