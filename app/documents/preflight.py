"""What is wrong with a request before anything is made of it, and the report that goes with the bundle."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from app.documents.content import BundleRequest, Limits, texts, values
from app.documents.findings import Finding, Severity, finding
from app.documents.manifest import Manifest
from app.documents.prose import References, printed_day
from app.documents.templates import DocumentTemplate, Press
from app.engine.definition.common import LANGUAGES, Text

_LISTS = {
    "abbreviations": Text(ja="略号", en="Abbreviations"),
    "questions": Text(ja="相談事項", en="Questions"),
    "history": Text(ja="過去の対面助言", en="Earlier consultations"),
    "attachments": Text(ja="添付資料", en="Attachments"),
}
_ALLOWED_CONTROLS = {"\n", "\r", "\t"}
_DIRECTIONS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}  # would show the text in another order than it has

CHECKS = (
    (
        "必須項目の入力、相談事項ごとの見解の有無、番号の重複",
        "Required fields, a position for each question, numbers given twice",
    ),
    ("使用できない文字(フォントにない文字、制御文字)", "Characters that no font has, and control characters"),
    (
        "添付資料の形式、暗号化、破損、ページ数、用紙サイズ、フォント",
        "Attachments: form, encryption, damage, pages, page size, fonts",
    ),
    ("相談資料のA4判、フォントの埋め込み(TrueType)", "Briefing package: A4, all fonts embedded (TrueType)"),
    ("しおり、目次及び相互参照リンクの飛び先", "Bookmarks, contents and cross-references lead to their pages"),
    ("全ページの通し番号の印字", "The running number is printed on every page"),
    ("自動実行、外部ファイルへのリンクがないこと", "No scripts and no links to files elsewhere"),
)


def check_request(request: BundleRequest, template: DocumentTemplate, limits: Limits) -> list[Finding]:
    """The findings about what was typed; the files are looked at elsewhere."""
    return [
        *_sizes(request, template, limits),
        *_signs(request, template),
        *_fields(request, template),
        *_questions(request),
        *_numbers(request),
    ]


def too_much_to_render(findings: Sequence[Finding]) -> bool:
    """Whether the request must not even be set, because it is too long or not text."""
    return any(one.code in ("text_too_long", "too_many_entries", "control_character") for one in findings)


def check_references(request: BundleRequest, template: DocumentTemplate, pages: dict[int, int]) -> list[Finding]:
    """References in the text to attachments or pages that do not exist. ``pages`` of each attachment by number."""
    references = References(pages)
    found = []
    for where, text in texts(request):
        if where.startswith("attachments."):
            continue
        label = template.label(where)
        found += [
            finding("reference_unresolved", where, reference=reference, label_ja=label.ja, label_en=label.en)
            for reference in references.unresolved(text)
        ]
    return found


def report_html(press: Press, manifest: Manifest, findings: Sequence[Finding]) -> bytes:
    """The report in both languages; the bundle exists, so it holds warnings only."""
    data = {
        "title": manifest.title,
        "applicant": manifest.applicant,
        "content_sha256": manifest.content_sha256,
        "made_on": " / ".join(printed_day(manifest.made_on, speak, weekday=True) for speak in LANGUAGES),
        "program": manifest.program,
        "template": manifest.template,
        "checks": CHECKS,
        "findings": [one for one in findings if one.severity is Severity.WARNING],
    }
    return press.shared_html("preflight.html", data).encode()


def _fields(request: BundleRequest, template: DocumentTemplate) -> Iterator[Finding]:
    for field in template.fields:
        if field.need == "optional":
            continue
        code = "field_undefined" if field.need == "required" else "field_advised"
        for where, value in values(request, field.path):
            if not (value.strip() if isinstance(value, str) else value):
                label = template.label(where)
                yield finding(code, where, label_ja=label.ja, label_en=label.en)


def _questions(request: BundleRequest) -> Iterator[Finding]:
    if not request.questions:
        yield finding("no_questions", "questions")
    for index, question in enumerate(request.questions, start=1):
        if not (question.question or "").strip():
            yield finding("question_missing", f"questions.{index}.question", number=question.number)
        if not (question.position or "").strip():
            yield finding("position_missing", f"questions.{index}.position", number=question.number)


def _numbers(request: BundleRequest) -> Iterator[Finding]:
    groups = (
        ("questions", [question.number for question in request.questions]),
        ("attachments", [str(attachment.number) for attachment in request.attachments]),
    )
    for name, numbers in groups:
        for number, count in Counter(numbers).items():
            if count > 1:
                what = _LISTS[name]
                yield finding("number_twice", name, number=number, what_ja=what.ja, what_en=what.en.lower())


def _sizes(request: BundleRequest, template: DocumentTemplate, limits: Limits) -> Iterator[Finding]:
    for name, what in _LISTS.items():
        count = len(getattr(request, name))
        limit = limits.attachments if name == "attachments" else limits.entries
        if count > limit:
            yield finding("too_many_entries", name, count=count, limit=limit, label_ja=what.ja, label_en=what.en)
    for where, text in texts(request):
        if len(text) > limits.field_characters:
            label, limit = template.label(where), limits.field_characters
            yield finding("text_too_long", where, length=len(text), limit=limit, label_ja=label.ja, label_en=label.en)


def _signs(request: BundleRequest, template: DocumentTemplate) -> Iterator[Finding]:
    for where, text in texts(request):
        for sign in sorted({sign for sign in text if _unprintable(sign)}):
            label = template.label(where)
            code = f"U+{ord(sign):04X}"
            yield finding("control_character", where, codepoint=code, label_ja=label.ja, label_en=label.en)


def _unprintable(sign: str) -> bool:
    if sign in _ALLOWED_CONTROLS:
        return False
    point = ord(sign)
    return unicodedata.category(sign) in ("Cc", "Cs") or point in _DIRECTIONS or point & 0xFFFE == 0xFFFE
