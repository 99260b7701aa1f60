"""What the applicant wishes: a month of the meeting, or a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.core.errors import Refused
from app.engine.calendar import Month
from app.engine.definition.common import Text
from app.engine.wording import day_text, month_text


@dataclass(frozen=True)
class Wish:
    """A month, or a day of meeting; one of them is set, or neither where PMDA alone names the day."""

    month: Month | None = None
    meeting: dt.date | None = None

    @classmethod
    def read(cls, month: str | None, meeting: str | None) -> Wish:
        """From ``2027-02`` or ``2027-02-17``; the day wins. Raises Refused at the field for anything else."""
        if meeting and meeting.strip():
            try:
                return cls(meeting=dt.date.fromisoformat(meeting.strip())).within(month)
            except ValueError as error:
                raise Refused(
                    Text(
                        ja="面談の日は「2027-02-17」のように入力してください。",
                        en="Please write the day of the meeting like 2027-02-17.",
                    ),
                    field="meeting",
                ) from error
        if month and month.strip():
            try:
                return cls(month=Month.parse(month.strip()))
            except ValueError as error:
                raise Refused(
                    Text(
                        ja="希望する月は「2027-02」のように入力してください。",
                        en="Please write the wished month like 2027-02.",
                    ),
                    field="month",
                ) from error
        return cls()

    def within(self, month: str | None) -> Wish:
        """The wish itself; Refused when a month was chosen beside it in which the day does not lie."""
        if month and month.strip() and self.meeting and month.strip() != str(Month.of(self.meeting)):
            said = day_text(self.meeting)
            raise Refused(
                Text(
                    ja=f"{said.ja}は、選んだ月の日ではありません。月か日のどちらかだけを入力してください。",
                    en=f"{said.en} does not lie in the month you chose. Please give either the month or the day.",
                ),
                field="meeting",
            )
        return self

    @property
    def in_month(self) -> Month | None:
        """The month of the wish, also of a wished day."""
        return Month.of(self.meeting) if self.meeting else self.month

    @property
    def query(self) -> dict[str, str]:
        """The wish as parameters of an address."""
        if self.meeting:
            return {"meeting": self.meeting.isoformat()}
        return {"month": str(self.month)} if self.month else {}

    @property
    def text(self) -> Text | None:
        """The wish in words; None without a wish."""
        if self.meeting:
            return day_text(self.meeting)
        return month_text(self.month) if self.month else None
