"""The bundle as a whole: what it holds, that it is the same bytes each time, and what blocks it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from app.documents.bundle import make_bundle
from app.documents.content import Limits
from tests.documents import samples

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
from pathlib import Path
from tests.documents import samples
from app.documents.bundle import make_bundle
folder, language = Path(sys.argv[1]), sys.argv[2]
result = make_bundle(samples.request(language, samples.five(folder, language)), folder / "bundle.zip", folder / "w")
print(result.sha256)
"""


def codes(result, severity="error"):
    return {one.code for one in result.findings if one.severity == severity}


def places(result, code):
    return {one.where for one in result.findings if one.code == code}


def test_the_zip_holds_package_form_attachments_manifest_and_report(made, language):
    result = made[language]
    assert result.ok
    assert result.pages == 42
    assert result.sha256 == hashlib.sha256(result.path.read_bytes()).hexdigest()
    with zipfile.ZipFile(result.path) as archive:
        assert archive.namelist() == [
            "01-briefing-package.pdf",
            "02-request-form.docx",
            *(f"03-attachments/{n:02d}-{name}" for n, name in enumerate(samples.NAMES, start=1)),
            "manifest.txt",
            "preflight.html",
            "manifest.json",
        ]


def test_the_manifest_names_every_file_with_hash_size_pages_and_type(made, language):
    with zipfile.ZipFile(made[language].path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        for entry in manifest["files"]:
            data = archive.read(entry["path"])
            assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        text = archive.read("manifest.txt").decode()
        report = archive.read("preflight.html").decode()
    by_path = {entry["path"]: entry for entry in manifest["files"]}
    assert by_path["01-briefing-package.pdf"]["pages"] == 42
    assert by_path["03-attachments/02-tumorigenicity-report.pdf"]["pages"] == 8
    assert by_path["01-briefing-package.pdf"]["media_type"] == "application/pdf"
    assert set(by_path) == set(archive.namelist()) - {"manifest.json"}
    assert manifest["template"] == "briefing_package 1.0.0"
    assert manifest["program"].startswith("Shirube ")
    assert all(entry["sha256"] in text for path, entry in by_path.items() if path.endswith((".pdf", ".docx")))
    assert ("作成日：2026年11月22日(日)" if language == "ja" else "Made on: 22 Nov 2026 (Sun)") in text
    assert "2026年11月22日(日) / 22 Nov 2026 (Sun)" in report


def test_attachments_are_packed_unchanged(made, language, attachments):
    with zipfile.ZipFile(made[language].path) as archive:
        for n, attachment in enumerate(attachments[language], start=1):
            data = archive.read(f"03-attachments/{n:02d}-{attachment.file_name}")
            assert data == attachment.path.read_bytes()


def test_the_report_says_each_warning_in_both_languages(made, language):
    with zipfile.ZipFile(made[language].path) as archive:
        report = archive.read("preflight.html").decode()
    assert "添付資料4にA4でないページがあります" in report
    assert "Attachment 4 has pages that are not A4" in report
    assert codes(made[language]) == set()


@pytest.mark.parametrize("language", ["ja"])
def test_two_processes_make_the_same_bytes(tmp_path, language):
    digests = set()
    for seed, locale in (("1", "C"), ("4242", "C.UTF-8")):
        folder = tmp_path / seed
        folder.mkdir()
        surroundings = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": f"UTC+{int(seed) % 9}"}
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(folder), language],
            cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
        digests.add(run.stdout.strip())
    assert len(digests) == 1
    assert "" not in digests


def test_one_changed_word_changes_the_bundle(full, made, language, make):
    question = replace(full.questions[0], title="別の表題" if language == "ja" else "Another title")
    result = make(replace(full, questions=(question, *full.questions[1:])))
    assert result.ok
    assert result.sha256 != made[language].sha256


def test_where_the_attachments_lie_does_not_matter(full, made, language, make, tmp_path):
    moved = []
    for attachment in full.attachments:
        path = tmp_path / f"moved-{attachment.number}"
        path.write_bytes(attachment.path.read_bytes())
        moved.append(replace(attachment, path=path))
    assert make(replace(full, attachments=tuple(moved))).sha256 == made[language].sha256


def blocked(result, out: Path, code: str) -> None:
    assert not result.ok
    assert code in codes(result), codes(result)
    assert result.path is None
    assert list(out.iterdir()) == []


BAD_FILES = {
    "attachment_not_pdf": b"PK\x03\x04 this is a Word file",
    "attachment_empty": b"",
    "attachment_damaged": b"%PDF-1.7\nnothing else",
}


@pytest.mark.parametrize("code", BAD_FILES)
def test_a_bad_attachment_blocks(code, make, tmp_path):
    attachment = samples.attach(tmp_path, 1, BAD_FILES[code])
    blocked(make(samples.request("ja", (attachment,))), tmp_path / "out", code)


@pytest.mark.parametrize("password", ["secret", ""])
def test_an_encrypted_attachment_blocks_even_when_it_opens_without_a_password(password, make, tmp_path):
    path = tmp_path / "locked.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path, encryption=pikepdf.Encryption(owner="owner", user=password))
    attachment = samples.attach(tmp_path, 1, path.read_bytes())
    blocked(make(samples.request("ja", (attachment,))), tmp_path / "out", "attachment_encrypted")


def test_a_truncated_attachment_blocks(make, tmp_path, attachments):
    data = attachments["ja"][0].path.read_bytes()
    attachment = samples.attach(tmp_path, 1, data[: len(data) * 2 // 3])
    blocked(make(samples.request("ja", (attachment,))), tmp_path / "out", "attachment_damaged")


def test_an_attachment_that_is_not_the_stored_one_blocks(make, tmp_path):
    attachment = samples.attach(tmp_path, 1, samples.blank())
    attachment.path.write_bytes(samples.blank(2))
    blocked(make(samples.request("ja", (attachment,))), tmp_path / "out", "attachment_changed")


def test_a_missing_attachment_file_blocks(make, tmp_path):
    attachment = samples.attach(tmp_path, 1, samples.blank())
    attachment.path.unlink()
    blocked(make(samples.request("ja", (attachment,))), tmp_path / "out", "attachment_unreadable")


def test_a_character_that_no_font_has_blocks_and_is_named_with_its_field(make, tmp_path):
    request = samples.request("ja")
    question = replace(request.questions[1], position="規格値は\U0001f9ec未定である。")
    result = make(replace(request, questions=(request.questions[0], question)))
    blocked(result, tmp_path / "out", "glyph_missing")
    [found] = [one for one in result.findings if one.code == "glyph_missing"]
    assert found.where == "questions.2.position"
    assert "U+1F9EC" in found.text.ja
    assert "相談者の見解" in found.text.ja
    assert "Applicant's position" in found.text.en


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"questions": ()}, "no_questions", "questions"),
        ({"consultation.purpose": "  "}, "field_undefined", "consultation.purpose"),
        ({"therapy.name": None}, "field_undefined", "therapy.name"),
        ({"questions.1.position": ""}, "position_missing", "questions.1.position"),
        ({"questions.1.question": None}, "question_missing", "questions.1.question"),
        ({"questions.1.number": "2"}, "number_twice", "questions"),
        ({"background": "x\x00y"}, "control_character", "background"),
        ({"background": "safe \u202e evil"}, "control_character", "background"),
        ({"background": "長" * 61_000}, "text_too_long", "background"),
    ],
)
def test_a_fault_of_the_request_blocks(change, code, where, make, tmp_path):
    request = samples.request("ja")
    for path, value in change.items():
        head, _, rest = path.partition(".")
        if head == "questions" and rest:
            request = replace(
                request, questions=(replace(request.questions[0], **{rest[2:]: value}), *request.questions[1:])
            )
        elif rest:
            request = replace(request, **{head: replace(getattr(request, head), **{rest: value})})
        else:
            request = replace(request, **{head: value})
    result = make(request)
    blocked(result, tmp_path / "out", code)
    assert where in places(result, code)


def test_all_faults_are_said_at_once(make, tmp_path):
    request = samples.request("ja", (samples.attach(tmp_path, 1, b"no PDF"),))
    request = replace(request, questions=(replace(request.questions[0], position=""),), background="\U0001f9ec")
    assert codes(make(request)) >= {"position_missing", "glyph_missing", "attachment_not_pdf"}


def test_what_is_only_advised_warns_and_is_left_out(make):
    request = replace(samples.request("ja"), background=None)
    result = make(request)
    assert result.ok
    assert "background" in places(result, "field_advised")


def test_limits_hold(make, tmp_path):
    attachment = samples.attach(tmp_path, 1, samples.blank(5))
    request = samples.request("ja", (attachment,))
    blocked(make(request, limits=Limits(attachment_bytes=100)), tmp_path / "out", "attachment_too_large")
    blocked(make(request, limits=Limits(total_bytes=100)), tmp_path / "out", "bundle_too_large")
    blocked(make(request, limits=Limits(pages=4)), tmp_path / "out", "attachment_too_large")
    blocked(make(request, limits=Limits(attachments=0)), tmp_path / "out", "too_many_entries")


def test_a_blocked_bundle_leaves_the_old_one_alone(make, tmp_path):
    good = make(samples.request("ja"))
    before = good.path.read_bytes()
    assert not make(replace(samples.request("ja"), questions=())).ok
    assert (tmp_path / "out" / "bundle.zip").read_bytes() == before
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["bundle.zip"]


def test_a_name_with_folders_in_it_stays_within_the_bundle(make, tmp_path):
    attachment = samples.attach(tmp_path, 1, samples.blank(), name="../../etc/passwd.pdf")
    result = make(samples.request("ja", (attachment,)))
    assert result.ok
    assert places(result, "file_renamed") == {"attachments.1"}
    with zipfile.ZipFile(result.path) as archive:
        assert "03-attachments/01-attachment.pdf" in archive.namelist()
        assert not any(".." in name or name.startswith("/") for name in archive.namelist())


def test_html_in_a_field_is_text(make, language):
    hostile = '<img src="file:///etc/hostname"><script>x</script><style>@import "http://127.0.0.1:9/"</style>{{ 7*7 }}'
    request = replace(samples.request(language), background=hostile)
    result = make(request)
    assert result.ok
    with zipfile.ZipFile(result.path) as archive:
        document = pypdfium2.PdfDocument(archive.read("01-briefing-package.pdf"))
        text = "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)
    assert '<imgsrc="file:///etc/hostname">' in text
    assert "{{7*7}}" in text


@pytest.mark.parametrize("point", ["inspect_package", "make_request_form", "manifest_text", "manifest_json"])
def test_a_process_killed_half_way_leaves_nothing(point, tmp_path, work):
    killed = f"""
import os, signal, sys
from pathlib import Path
import app.documents.bundle as bundle
from tests.documents import samples
bundle.{point} = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
bundle.make_bundle(samples.request("ja"), Path(sys.argv[1]) / "bundle.zip", Path(sys.argv[2]))
"""
    out, work_dir = tmp_path / "out", tmp_path / "work"
    out.mkdir()
    shutil.copytree(work, work_dir)
    run = subprocess.run([sys.executable, "-c", killed, str(out), str(work_dir)], cwd=ROOT, check=False, timeout=120)
    assert run.returncode == -signal.SIGKILL
    assert list(out.iterdir()) == []
    left = {path.suffix for path in work_dir.rglob("*") if path.is_file() and "cache" not in path.parts}
    assert left <= {".page", ".conf"}  # kept pages are whole, each under its hash


def test_a_full_disk_leaves_nothing(tmp_path, work, monkeypatch):
    def refuse(*_args, **_how):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.documents.bundle.manifest_text", refuse)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(OSError, match="No space"):
        make_bundle(samples.request("ja"), out / "bundle.zip", work)
    assert list(out.iterdir()) == []
