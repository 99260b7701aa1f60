"""The shipped templates: declared fields exist, both languages print all of them, and a template cannot reach out."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pypdfium2
import pytest

from app.documents.content import Attachment, BundleRequest, Limits, texts
from app.documents.package import compose
from app.documents.preflight import check_request
from app.documents.prose import References
from app.documents.request_form import load_form
from app.documents.templates import (
    DOCS_TEMPLATES,
    BrokenTemplateError,
    Press,
    load_template,
    template_hash,
    undeclared_fields,
)
from app.engine.errors import DefinitionError
from tests.documents import samples

TEMPLATE = load_template("briefing_package")


@pytest.fixture
def copy(tmp_path):
    """A template folder of one's own, in which a body can be replaced."""
    root = tmp_path / "docs_templates"
    shutil.copytree(DOCS_TEMPLATES, root, ignore=shutil.ignore_patterns("fonts"))

    def press(body):
        (root / "briefing_package" / "body.ja.html").write_text(body)
        return Press(TEMPLATE, "ja", root)

    return press


def test_every_declared_field_exists_and_every_text_field_is_declared():
    assert undeclared_fields(TEMPLATE) == []
    wrong = replace_path(TEMPLATE, "therapy.colour")
    assert undeclared_fields(wrong) == ["therapy.colour"]
    declared = {field.path.replace("[]", "") for field in TEMPLATE.fields}
    held = {
        "".join(f".{part}" for part in where.split(".") if not part.isdigit())[1:] for where, _ in texts(everything())
    }
    assert held - declared <= {"language", "attachments.sha256", "history.precision"}


def replace_path(template, path):
    return template.model_copy(update={"fields": (template.fields[0].model_copy(update={"path": path}),)})


def everything() -> BundleRequest:
    """The sample, which must leave no field of the request undefined."""
    request = samples.request("ja")
    attachment = Attachment(1, "title", "name.pdf", Path("x"), "0" * 64)
    return replace(request, attachments=(attachment,))


def test_the_sample_defines_every_field(language):
    def empty(value, where=""):
        for field in fields(value):
            inner = getattr(value, field.name)
            place = f"{where}.{field.name}"
            if is_dataclass(inner):
                yield from empty(inner, place)
            elif inner in (None, "", ()):
                yield place

    missing = set(empty(samples.request(language)))
    assert missing <= {".consultation.agreed_day", ".attachments"}
    assert [one.code for one in check_request(samples.request(language), TEMPLATE, Limits())] == []


def test_the_layout_complains_of_nothing_and_prints_every_text(language, renderer):
    request = samples.request(language)
    press = Press(TEMPLATE, language)
    composed, found = compose(request, [], press, renderer)
    assert composed is not None
    assert found == []
    printed = ""
    for section in composed.rendered:
        for page in pypdfium2.PdfDocument(io.BytesIO(section.pdf)):
            printed += "".join(page.get_textpage().get_text_bounded().split())
    unprinted = {where for where, text in texts(request) if "".join(text.lstrip("-・").split())[:14] not in printed}
    assert unprinted <= {  # the last four stand on the request form
        "language",
        "history.1.precision",
        "history.2.precision",
        "remarks",
        "organisation.company_code",
        "consultation.forms",
        "consultation.fees",
    }


def test_both_bodies_print_the_same_fields():
    def names(language):
        body = (DOCS_TEMPLATES / "briefing_package" / f"body.{language}.html").read_text()
        return set(re.findall(r"(?:consultation|therapy|organisation|contact|meeting|page|question|a|q|h)\.\w+", body))

    assert names("ja") == names("en")


def test_wrong_declarations_name_file_and_line(tmp_path):
    folder = tmp_path / "briefing_package"
    folder.mkdir()
    text = (DOCS_TEMPLATES / "briefing_package" / "template.yaml").read_text()
    (folder / "template.yaml").write_text(text.replace("need: required,", "need: perhaps,", 1))
    with pytest.raises(DefinitionError) as error:
        load_template("briefing_package", tmp_path)
    assert error.value.file == "briefing_package/template.yaml"
    assert error.value.line == 8


@pytest.mark.parametrize(
    "body",
    [
        "{{ therapy.colour }}",
        "{{ nothing_such }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ questions.append(1) }}",
        "{{ prose.__globals__ }}",
        "{% include '../../pyproject.toml' %}",
        "{% include '/etc/hostname' %}",
        "{{ printed.__self__ }}",
        "{% for",
    ],
)
def test_a_template_that_reaches_out_is_refused(copy, body, renderer):
    composed, found = compose(samples.request("ja"), [], copy(body), renderer)
    assert composed is None
    assert [one.code for one in found] == ["template_undefined"]


def test_the_sandbox_raises_its_own_error(copy):
    with pytest.raises(BrokenTemplateError):
        copy("{{ x }}").html({}, References())


def test_the_hash_of_a_template_follows_its_files(copy, tmp_path):
    before = template_hash("briefing_package")
    assert before == template_hash("briefing_package")
    copy("other")
    assert template_hash("briefing_package", tmp_path / "docs_templates") != before


def test_templates_stay_short():
    for path in DOCS_TEMPLATES.rglob("*.html"):
        assert len(path.read_text().splitlines()) <= 60, path.name


def test_no_item_of_the_form_claims_a_form_number_and_all_say_how_they_are_known():
    form = load_form()
    printed = " ".join(
        [form.note.ja, form.legend.ja, form.name.ja, *(row.label.ja for row in (*form.head, *form.rows))]
    )
    assert "様式第" not in printed
    assert "PMDA所定の様式ではありません" in form.note.ja
    assert {row.mark for row in form.rows} == {"read", "recalled"}
