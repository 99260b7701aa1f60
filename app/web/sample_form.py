"""The sample form of the style guide: one field of every kind, half of it wrong."""

from __future__ import annotations

from wtforms import BooleanField, FileField, Form, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.fields import DateField
from wtforms.validators import InputRequired, Optional

from app.engine.definition.common import Language


def sample_form(language: Language) -> Form:
    """A form that somebody sent without looking."""

    def say(ja: str, en: str) -> str:
        return ja if language == "ja" else en

    missing = InputRequired(say("名称を入力してください。", "Enter the name."))

    class SampleForm(Form):
        name = StringField(
            say("開発品目の名称", "Name of the therapy"),
            [missing],
            description=say("社内で使う呼び名でかまいません。", "The name you use among yourselves is fine."),
        )
        kind = RadioField(
            say("区分", "Class"),
            [InputRequired(say("区分を1つ選んでください。", "Choose a class."))],
            choices=[
                SelectChoice("cells", say("細胞加工製品", "Cell product")),
                SelectChoice("genes", say("遺伝子治療用製品", "Gene therapy")),
            ],
        )
        happened = DateField(say("起きた日", "Day it happened"), [Optional()])
        stage = SelectField(
            say("今日の段階", "Stage today"),
            [Optional()],
            choices=[
                SelectChoice("P01", say("P01 非臨床", "P01 Non-clinical")),
                SelectChoice("P04", say("P04 治験届準備", "P04 CTN")),
            ],
        )
        note = TextAreaField(say("備考", "Note"), [Optional()])
        attachment = FileField(say("添付資料(PDF)", "Attachment (PDF)"), [Optional()])
        shared = BooleanField(say("拠点の支援担当者に開示する", "Show it to the staff of the hub"))

    form = SampleForm(data={"note": say("見本です。", "A sample.")})
    form.validate()
    return form
