"""Refusals of this room in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.engine.definition.common import Text
from app.engine.machine import Days, Refusal
from app.engine.machine.words import days_text
from app.engine.wording import day_text

# Reasons that the program itself gives for a correction; kept in English, said in the reader's language.
TAKEN_BACK = Text(ja="相談のページで記録が取り消されました", en="Taken back on the page of the consultation")
OTHER_DAY = Text(ja="相談のページで日付が改められました", en="Another day on the page of the consultation")
READ_AGAIN = Text(ja="公開先行事例の出典を読み直しました", en="The case was read again")
BEFORE = Text(ja="Shirubeの利用を始める前の経過です", en="It happened before Shirube was used")
OWN_REASONS = {reason.en: reason for reason in (TAKEN_BACK, OTHER_DAY, READ_AGAIN, BEFORE)}


def kept(words: str) -> str:
    """A reason as it is kept: one of the program's own in English, whichever language showed it; any other as typed."""
    return next((reason.en for reason in OWN_REASONS.values() if words.strip() == reason.ja), words)


SAME_DAY = Text(
    ja="この日付はすでに記録されています。別の出典にある別の日付を入力してください。",
    en="This day is recorded already. Please give the other day, as the other source has it.",
)
GROUNDS_NEEDED = Text(
    ja="その段階にあると言える根拠を入力してください。例: 治験届の提出日、相談記録の日付。",
    en="Say how you know that it stands there, such as the day of the notification or of a record.",
)
SOURCE_NEEDED = Text(ja="この日付の出典を入力してください。", en="Please say where this day was read.")


def future(on: Days) -> Text:
    """A day that has not come."""
    day = days_text(on)
    return Text(
        ja=f"{day.ja}はまだ来ていません。起きた後に記録してください。予定は相談の計画に入れられます。",
        en=f"{day.en} has not come yet. Record it once it has happened; what is intended belongs into a plan.",
    )


def not_looked_at(day: dt.date) -> Text:
    """A day to look back from that has not come."""
    told = day_text(day)
    return Text(
        ja=f"{told.ja}はまだ来ていません。今日までの日付を入力してください。",
        en=f"{told.en} has not come yet. Please give today or an earlier day.",
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


def reason_needed(conditions: Sequence[Text]) -> Text:
    """Past history that passes over guards: what these say, and that a reason is asked for."""
    ja = "".join(text.ja for text in conditions)
    en = " ".join(text.en for text in conditions)
    return Text(
        ja=f"その日に満たされていなかった条件があります。{ja}それでも起きたことであれば、理由を入力してください。",
        en=f"Conditions were not met on that day. {en} If it happened all the same, please say why.",
    )


def would_break(event: Text, day: Text, reason: Text) -> Text:
    """Another event of the history could then not have happened."""
    return Text(
        ja=f"このとおりに記録すると、すでにある「{event.ja}」({day.ja})と合わなくなります。{reason.ja}"
        "先にそちらを訂正してください。",
        en=f"With this, “{event.en}” ({day.en}), which is recorded already, could not have happened. {reason.en} "
        "Correct that one first.",
    )


# Files of histories.
KEPT_AS_NOTE = Text(ja="線は動かさず、特記事項として残します。", en="Kept as a note; it moves no line.")
NO_ROWS = Text(ja="取り込む行がありません。", en="There is no row to import.")
NOTHING_CHOSEN = Text(ja="取り込む案件を選んでください。", en="Please choose what to import.")
CHANGED_MEANWHILE = Text(
    ja="確認いただいた後に経過が変わったため、取り込みませんでした。改めて下の内容を確かめてください。",
    en="The histories have changed since this was shown, so nothing was imported. Please look at it again.",
)


def in_line(line: int, reason: Text) -> Text:
    """A fault of the file with its line."""
    return Text(ja=f"{line}行目: {reason.ja}", en=f"Line {line}: {reason.en}")


def file_too_large(megabytes: int) -> Text:
    """More than a file of histories may have."""
    return Text(
        ja=f"ファイルが{megabytes}MBを超えています。分けて取り込んでください。",
        en=f"The file has more than {megabytes} MB. Please import it in parts.",
    )


def too_many_rows(most: int) -> Text:
    """More rows than can be looked through at once."""
    return Text(
        ja=f"一度に取り込めるのは{most}行までです。分けて取り込んでください。",
        en=f"There are more than {most} rows, which is how many can be imported at once. Please import them in parts.",
    )


def too_many_events(most: int) -> Text:
    """More events than a history may have."""
    return Text(
        ja=f"一つの経過に残せる出来事は{most}件までです。要らない記録を取り消すか、まとめて記録してください。",
        en=f"A history may have {most} events. Withdraw what is not needed, or record several as one.",
    )


def too_many_together(most: int) -> Text:
    """More events than can be put in order where they may all have happened on one day."""
    return Text(
        ja=f"同じ日に起きた可能性のある出来事は{most}件までです。年月や年だけのものは、日付を詳しくしてください。",
        en=f"At most {most} events may lie on one day. Give closer days to those known only by month or year.",
    )


def cell_too_long(column: str, signs: int) -> Text:
    """A cell that does not fit."""
    return Text(ja=f"{column} は{signs}文字までです。", en=f"{column} has more than {signs} signs.")


def no_pathway(product_class: str) -> Text:
    """A class of product for which no therapy can be made."""
    if not product_class:
        return Text(
            ja="class の列に分類(RMP-C など)がないため、開発品目を作れません。",
            en="There is no class (such as RMP-C) in the column class, so no therapy can be made.",
        )
    return Text(
        ja=f"分類「{product_class}」の道筋はまだないため、開発品目を作れません。",
        en=f"There is no pathway for the class {product_class} yet, so no therapy can be made.",
    )


def no_such_case(case: str, cases: Sequence[str]) -> Text:
    """The file does not hold that case."""
    held = ", ".join(cases[:20])
    return Text(
        ja=f"「{case}」はファイルにありません(あるのは {held})。", en=f"There is no {case} in the file, only {held}."
    )


def several_cases(cases: Sequence[str]) -> Text:
    """One therapy has one history, and the file holds several."""
    held = ", ".join(cases[:20])
    return Text(
        ja=f"ファイルには{len(cases)}件の案件があります({held})。この品目の案件を一つ入力してください。",
        en=f"The file holds {len(cases)} cases ({held}). Please say which one belongs to this therapy.",
    )


def case_refused(case: str) -> Text:
    """A case is imported as a whole or not at all."""
    return Text(
        ja=f"「{case}」には取り込めない行があります。ファイルを直すか、この案件を外してください。",
        en=f"{case} has rows that cannot be imported. Mend the file, or leave this case out.",
    )
