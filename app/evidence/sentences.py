"""Refusals of this room in both languages."""

from __future__ import annotations

import datetime as dt

from app.engine.definition.common import Text
from app.engine.wording import day_text

PROOF = Text(
    ja="受入れ済みにするには、文書を1件以上添付するか、保管場所と保管した日を入力してください。",
    en="To accept it, attach at least one document, or say where it is kept and since when.",
)
REASON = Text(ja="該当しない理由を入力してください。", en="Please say why it does not apply.")
PLACE_AND_DAY = Text(ja="保管場所と日付は、両方を入力してください。", en="Please give both the place and the day.")
OWNER = Text(ja="一覧から選んでください。", en="Please choose one of the list.")
ONLY_PROOF = Text(
    ja="受入れ済みの証拠の唯一の文書です。先に別の文書を添付するか、保管場所を入力するか、状態を変えてください。",
    en="It is the only proof of something accepted. First attach another, say where it is kept, or change the status.",
)


def kept_later(day: dt.date) -> Text:
    """It cannot be kept somewhere since a day that has not come."""
    said = day_text(day)
    return Text(ja=f"{said.ja}はまだ来ていません。保管した日を入力してください。", en=f"{said.en} has not come yet.")


def after_gate(planned_on: dt.date) -> Text:
    """A day of its own can only be earlier than that of the gate."""
    said = day_text(planned_on)
    return Text(
        ja=f"この段階の予定日({said.ja})以前の日を入力してください。予定日に合わせるなら空欄にします。",
        en=f"Please give a day not later than that of the gate ({said.en}), or leave it empty to follow the gate.",
    )
