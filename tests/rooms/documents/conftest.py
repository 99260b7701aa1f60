"""A consultation with everything that a bundle needs."""

from __future__ import annotations

import datetime as dt
import io

import pikepdf
import pytest
from flask import Flask

from app.access.scope import Scope
from app.config import Settings
from app.consultations import services
from app.consultations.wish import Wish
from app.core.storage import FolderStorage
from app.core.uploads import Upload
from app.therapies import services as therapies
from tests.factories.world import World, scope_of

TEXTS = {"purpose": "造腫瘍性評価の十分性を確認したい。", "background": "これまでの経緯(添付資料1 p.2)。"}


def pdf(pages: int) -> io.BytesIO:
    """A PDF of empty A4 pages."""
    document, out = pikepdf.new(), io.BytesIO()
    for _page in range(pages):
        document.add_blank_page(page_size=(595.276, 841.89))
    document.save(out)
    out.seek(0)
    return out


@pytest.fixture
def scope(app: Flask, world: World) -> Scope:
    """The lead of the company."""
    return scope_of(world.lead)


@pytest.fixture
def empty_consultation(scope: Scope) -> str:
    """Advice that is planned, and nothing written yet."""
    therapy = therapies.add(
        scope, name_ja="心筋シート", product_class="RMP-C", material="allogeneic_ips", indication_ja="拡張型心筋症"
    )
    return services.confirm(scope, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 7, 14)))


@pytest.fixture
def consultation(scope: Scope, empty_consultation: str, settings: Settings) -> str:
    """Advice with a question, two attachments and its data."""
    services.add_question(
        scope, empty_consultation, title="造腫瘍性", question="十分か。", position="十分と考える。", grounds="添付資料1"
    )
    uploads = [Upload(f"report_{n}.pdf", pdf(n), 1000) for n in (2, 3)]
    services.attach(scope, empty_consultation, uploads, storage=FolderStorage(settings.files), largest=10**7)
    services.save_briefing(scope, empty_consultation, TEXTS, version=0)
    return empty_consultation
