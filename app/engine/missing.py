"""What it costs to miss the day of reception: the next month, in words."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.calendar import Month
from app.engine.definition.common import Text
from app.engine.planning import Frame
from app.engine.windows import Reception, next_month_still_open, reception
from app.engine.wording import BASIS, month_text, span_text


@dataclass(frozen=True, slots=True)
class Consequence:
    """Missing the reception of one month: the next possible month, its reception, the months lost, and a sentence."""

    missed: Reception
    next: Reception
    months: int
    text: Text

    @property
    def next_month(self) -> Month:
        """The next possible month of the meeting."""
        return self.next.month


def missing_reception(base: Frame) -> Consequence | None:
    """The consequence of missing the reception of the planned month.

    The next month is the first one whose request can surely still be ready: after today, when today is known.
    None where requests are received at any time, where the request has been made, or where nothing is known of the
    reception.
    """
    pattern, missed = base.kind.reception.pattern, base.reception
    if missed is None or pattern is None or base.asked:
        return None
    if base.today is None:
        following = reception(pattern, missed.month.plus(1), base.calendar, base.published)
    else:
        following = next_month_still_open(pattern, missed.month, base.today, base.calendar, base.published)
    months = (following.month.year - missed.month.year) * 12 + following.month.month - missed.month.month
    lost, then = span_text(missed.span), span_text(following.span)
    month, basis = month_text(following.month), BASIS[missed.basis]
    many = "" if months == 1 else "s"
    text = Text(
        ja=f"受付({lost.ja}、{basis.ja})に一日でも遅れると、次に依頼できるのは{month.ja}実施分(受付は{then.ja})となり、"
        f"相談は{months}か月遅れます。",
        en=f"A request later than the reception ({lost.en}, {basis.en}) waits for the meetings of {month.en} "
        f"(reception {then.en}): it costs {months} month{many}.",
    )
    return Consequence(missed, following, months, text)
