"""Refusals of this room in both languages."""

from __future__ import annotations

from app.engine.definition.common import Text
from app.engine.machine import Days, Refusal
from app.engine.machine.words import days_text

# Reasons that the program itself gives for a correction; kept in English, said in the reader's language.
TAKEN_BACK = Text(ja="相談のページで記録が取り消されました", en="Taken back on the page of the consultation")
OTHER_DAY = Text(ja="相談のページで日付が改められました", en="Another day on the page of the consultation")
READ_AGAIN = Text(ja="公開事例の資料を読み直しました", en="The case was read again")
OWN_REASONS = {reason.en: reason for reason in (TAKEN_BACK, OTHER_DAY, READ_AGAIN)}


def future(on: Days) -> Text:
    """A day that has not come."""
    day = days_text(on)
    return Text(
        ja=f"{day.ja}はまだ来ていません。起きた後に記録してください。予定は相談の計画に入れられます。",
        en=f"{day.en} has not come yet. Record it once it has happened; what is intended belongs into a plan.",
    )


def unknown_event(event: str) -> Text:
    """A word that no history uses."""
    return Text(
        ja=f"「{event}」という出来事はありません。一覧から選んでください。",
        en=f"There is no event {event}. Please choose one of the list.",
    )


def refused(refusal: Refusal) -> Text:
    """Why a step is not possible from where the tracks stand, with what to do, and the way out for past history."""
    done = [answer.do for answer in refusal.answers if answer.do]
    ja = "".join(text.ja for text in refusal.reasons) + "".join(text.ja for text in done)
    en = " ".join(text.en for text in (*refusal.reasons, *done))
    return Text(
        ja=f"{ja}すでに起きたことであれば、「過去の出来事として記録する」を選んでください。",
        en=f"{en} If it has happened all the same, choose to record it as past history.",
    )


def would_break(event: Text, day: Text, reason: Text) -> Text:
    """Another event of the history could then not have happened."""
    return Text(
        ja=f"このとおりに記録すると、すでにある「{event.ja}」({day.ja})と合わなくなります。{reason.ja}"
        "先にそちらを訂正してください。",
        en=f"With this, “{event.en}” ({day.en}), which is recorded already, could not have happened. {reason.en} "
        "Correct that one first.",
    )
