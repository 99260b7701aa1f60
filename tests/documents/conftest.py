"""One work folder, five attachments and one bundle per language for all tests of documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.documents.bundle import BundleResult, make_bundle
from app.documents.content import Attachment, BundleRequest
from app.documents.rendering import Renderer
from tests.documents import samples


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of kept pages, shared so that equal sections are set once."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="session")
def renderer(work: Path) -> Renderer:
    return Renderer(work)


@pytest.fixture(scope="session")
def attachments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Attachment, ...]]:
    """Five attachments of thirty pages, with titles in each language."""
    return {language: samples.five(tmp_path_factory.mktemp(language), language) for language in ("ja", "en")}


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def full(language: str, attachments: dict[str, tuple[Attachment, ...]]) -> BundleRequest:
    """The sample request with its five attachments."""
    return samples.request(language, attachments[language])


@pytest.fixture(scope="session")
def made(attachments, work: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, BundleResult]:
    """The finished bundle of each language."""
    folder = tmp_path_factory.mktemp("made")
    return {
        language: make_bundle(samples.request(language, attachments[language]), folder / f"{language}.zip", work)
        for language in ("ja", "en")
    }


@pytest.fixture
def make(tmp_path: Path, work: Path) -> Callable[..., BundleResult]:
    """Make a bundle in a folder of its own, where the test can see what is left behind."""
    out = tmp_path / "out"
    out.mkdir()
    return lambda request, **how: make_bundle(request, out / "bundle.zip", work, **how)
