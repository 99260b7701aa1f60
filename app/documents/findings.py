"""What the preflight can find, as sentences in both languages. An error blocks the bundle, a warning does not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.engine.definition.common import Language, Text


class Severity(StrEnum):
    """Whether the bundle may go out."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; ``where`` is the place in the request or in the bundle, for example ``questions.2.position``."""

    code: str
    severity: Severity
    text: Text
    where: str = ""

    @property
    def blocks(self) -> bool:
        """Whether this finding alone keeps the bundle from being made."""
        return self.severity is Severity.ERROR

    def say(self, language: Language) -> str:
        """The sentence for a reader of ``language``."""
        return self.text.say(language)

    def as_data(self) -> dict[str, str]:
        """The finding as plain JSON."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "where": self.where,
            "ja": self.text.ja,
            "en": self.text.en,
        }


ERROR, WARNING = Severity.ERROR, Severity.WARNING

# code: severity, Japanese, English. {names} are filled in by finding().
CATALOGUE: dict[str, tuple[Severity, str, str]] = {
    # --- the request
    "field_undefined": (
        ERROR,
        "「{label_ja}」が未入力です。入力してください。",
        "“{label_en}” is empty. Please fill it in.",
    ),
    "field_advised": (
        WARNING,
        "「{label_ja}」が未入力のため、その項目を省いて作成しました。",
        "“{label_en}” is empty; the documents were made without it.",
    ),
    "template_undefined": (
        ERROR,
        "様式が、定義のない項目を参照しています({detail})。様式の管理者に連絡してください。",
        "The template uses a field that is not defined ({detail}). Please tell whoever keeps the template.",
    ),
    "no_questions": (
        ERROR,
        "相談事項がありません。少なくとも1件を入力してください。",
        "There is no question. Write at least one.",
    ),
    "question_missing": (
        ERROR,
        "相談事項{number}の本文がありません。問いを一文で書いてください。",
        "Question {number} has no text. Write it as one sentence.",
    ),
    "position_missing": (
        ERROR,
        "相談事項{number}に「相談者の見解」がありません。見解を書いてください。",
        "Question {number} has no position of the applicant. Write one.",
    ),
    "number_twice": (
        ERROR,
        "{what_ja}の番号「{number}」が重複しています。番号を振り直してください。",
        "The number {number} occurs twice among the {what_en}. Number them again.",
    ),
    "text_too_long": (
        ERROR,
        "「{label_ja}」が長すぎます({length:,}字、上限{limit:,}字)。詳細は添付資料に移してください。",
        "“{label_en}” is too long ({length:,} characters, limit {limit:,}). Move the detail to an attachment.",
    ),
    "too_many_entries": (
        ERROR,
        "「{label_ja}」の件数が多すぎます({count}件、上限{limit}件)。",
        "There are too many entries in “{label_en}” ({count}, limit {limit}).",
    ),
    "glyph_missing": (
        ERROR,
        "「{label_ja}」の文字「{sign}」({codepoint})は、使用できるフォントにありません。別の文字に置き換えてください。",
        "No font has the character “{sign}” ({codepoint}) in “{label_en}”. Replace it.",
    ),
    "control_character": (
        ERROR,
        "「{label_ja}」に印刷できない制御文字({codepoint})が含まれています。削除してください。",
        "“{label_en}” contains a control character that cannot be printed ({codepoint}). Remove it.",
    ),
    "reference_unresolved": (
        WARNING,
        "「{label_ja}」の「{reference}」に当たる資料又はページがありません。番号を確認してください。",
        "“{reference}” in “{label_en}” points to no attachment or page. Check the number.",
    ),
    "fill_in": (
        WARNING,
        "申込書の「{label_ja}」は空欄です。PMDAの様式に転記する前に記入してください。",
        "“{label_en}” is a marked blank on the request form. Fill it in before you carry it over to PMDA's form.",
    ),
    # --- the attachments
    "attachment_unreadable": (
        ERROR,
        "添付資料{number}のファイルを読み込めません。もう一度添付してください。",
        "The file of attachment {number} cannot be read. Attach it again.",
    ),
    "attachment_changed": (
        ERROR,
        "添付資料{number}の内容が、登録時のもの(SHA-256)と異なります。もう一度添付してください。",
        "Attachment {number} is not the file that was attached (SHA-256 differs). Attach it again.",
    ),
    "attachment_empty": (
        ERROR,
        "添付資料{number}にページがありません。ファイルを差し替えてください。",
        "Attachment {number} is empty. Replace the file.",
    ),
    "attachment_not_pdf": (
        ERROR,
        "添付資料{number}はPDFではありません。PDFに変換して添付してください。",
        "Attachment {number} is not a PDF. Convert it and attach the PDF.",
    ),
    "attachment_encrypted": (
        ERROR,
        "添付資料{number}は暗号化(パスワード又は権限の制限)されています。保護を解除して添付してください。",
        "Attachment {number} is encrypted (a password or restricted rights). Attach it without protection.",
    ),
    "attachment_damaged": (
        ERROR,
        "添付資料{number}のPDFは破損しています({detail})。元の文書から作り直してください。",
        "The PDF of attachment {number} is damaged ({detail}). Make it again from the original document.",
    ),
    "attachment_exhausting": (
        ERROR,
        "添付資料{number}のPDFは、開くのに時間又はメモリーがかかりすぎます。元の文書から作り直すか、分割してください。",
        "The PDF of attachment {number} takes too much time or memory to open. Make it again or split it.",
    ),
    "attachment_repaired": (
        WARNING,
        "添付資料{number}のPDFに軽微な不備がありました({detail})。表示を確認してください。",
        "The PDF of attachment {number} has small faults ({detail}). Check how it looks.",
    ),
    "attachment_too_large": (
        ERROR,
        "添付資料{number}が大きすぎます({size}、上限{limit})。分割するか、画像を軽くしてください。",
        "Attachment {number} is too large ({size}, limit {limit}). Split it or reduce its images.",
    ),
    "bundle_too_large": (
        ERROR,
        "添付資料の合計が大きすぎます({size}、上限{limit})。",
        "The attachments are too large together ({size}, limit {limit}).",
    ),
    "active_content_removed": (
        WARNING,
        "添付資料{number}の{what_ja}は、相談資料への綴じ込みでは外しました。同梱した元ファイルはそのままです。",
        "The briefing package shows attachment {number} without its {what_en}. The enclosed original is unchanged.",
    ),
    "page_size": (
        WARNING,
        "添付資料{number}にA4でないページがあります({pages})。",
        "Attachment {number} has pages that are not A4 ({pages}).",
    ),
    "attachment_font": (
        WARNING,
        "添付資料{number}に埋め込まれていないフォントがあります({fonts})。環境により表示が変わります。",
        "Attachment {number} uses fonts that are not embedded ({fonts}); it may look different elsewhere.",
    ),
    "file_renamed": (
        WARNING,
        "添付資料{number}のファイル名「{old}」は規則(半角の小文字英数字とハイフン、64字以内)に合わないため「{new}」としました。",
        "The file name “{old}” of attachment {number} breaks the rule (a–z, 0–9, -, at most 64); now “{new}”.",
    ),
    # --- what was made
    "render_problem": (
        ERROR,
        "「{section_ja}」を組版できませんでした({detail})。",
        "“{section_en}” could not be set ({detail}).",
    ),
    "font_not_embedded": (
        ERROR,
        "{page}ページのフォント「{font}」が埋め込まれていません。",
        "The font {font} on page {page} is not embedded.",
    ),
    "font_form": (
        ERROR,
        "{page}ページのフォント「{font}」は使用できない形式(CFF)です。",
        "The font {font} on page {page} has a form (CFF) that must not be used.",
    ),
    "link_broken": (
        ERROR,
        "{page}ページのリンク({target})に飛び先がありません。",
        "A link on page {page} ({target}) leads nowhere.",
    ),
    "link_outside": (
        ERROR,
        "{page}ページに、手元のファイルを指すリンク({target})が残っています。",
        "Page {page} still holds a link to a file of one's own machine ({target}).",
    ),
    "own_page_size": (ERROR, "{page}ページがA4ではありません。", "Page {page} is not A4."),
    "outline_broken": (
        ERROR,
        "しおり「{title}」が正しいページを指していません。",
        "The bookmark “{title}” does not lead to its page.",
    ),
    "outline_missing": (ERROR, "しおり「{title}」がありません。", "The bookmark “{title}” is missing."),
    "stamp_missing": (
        ERROR,
        "{page}ページに通し番号「{stamp}」が印字されていません。",
        "Page {page} does not carry its running number “{stamp}”.",
    ),
    # --- a bundle read back
    "not_a_bundle": (
        ERROR,
        "資料一式(ZIP)として読めません({detail})。",
        "This cannot be read as a bundle ({detail}).",
    ),
    "entry_unsafe": (ERROR, "ZIP内の名前「{name}」は安全ではありません。", "The name “{name}” in the ZIP is not safe."),
    "entry_missing": (
        ERROR,
        "manifest.jsonにある「{name}」がZIPにありません。",
        "“{name}” stands in the manifest but not in the ZIP.",
    ),
    "entry_extra": (
        ERROR,
        "ZIPにある「{name}」がmanifest.jsonにありません。",
        "“{name}” is in the ZIP but not in the manifest.",
    ),
    "entry_changed": (
        ERROR,
        "「{name}」の内容がmanifest.jsonと一致しません。",
        "“{name}” is not what the manifest says.",
    ),
    "entry_damaged": (ERROR, "「{name}」を開けません({detail})。", "“{name}” cannot be opened ({detail})."),
    "page_count": (
        ERROR,
        "「{name}」のページ数({found})がmanifest.json({expected})と一致しません。",
        "“{name}” has {found} pages; the manifest says {expected}.",
    ),
    "initial_view": (
        WARNING,
        "相談資料を開いたときにしおりが表示される設定になっていません。",
        "The briefing package does not open with its bookmarks shown.",
    ),
}


def finding(code: str, where: str = "", severity: Severity | None = None, **names: object) -> Finding:
    """The finding ``code`` of the catalogue with its sentence filled in; an unknown code is a KeyError."""
    usual, ja, en = CATALOGUE[code]
    return Finding(code, severity or usual, Text(ja=ja.format(**names), en=en.format(**names)), where)
