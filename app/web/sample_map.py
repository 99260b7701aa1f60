"""The sample line map of the style guide: invented, from the first visit to PMDA to approval."""

from __future__ import annotations

import datetime as dt

from app.engine.definition.common import Basis, Text
from app.engine.diagram import Lane, LineMap, Standing, Station, Transfer

TODAY = dt.date(2026, 11, 24)


def line_map() -> LineMap:
    """A therapy with five lines, from the first visit to PMDA to approval."""

    def stop(key: str, ja: str, en: str, standing: Standing, *when: int, basis: Basis = Basis.COMPUTED) -> Station:
        day = dt.date(*when) if len(when) == 3 else None
        first = dt.date(when[0], when[1], 1) if len(when) == 2 else None
        last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1) if first else None
        shown = Basis.ACTUAL if standing.past else basis
        return Station(key, key[1:], Text(ja=ja, en=en), standing, day, first, last, shown)

    v, c, s, k, p = Standing.VISITED, Standing.CURRENT, Standing.CERTAIN, Standing.LIKELY, Standing.POSSIBLE
    predicted, assumed = Basis.PREDICTED, Basis.ASSUMED
    lanes = (
        ("G", "指定", "Designation", (
            stop("G01", "希少疾病用 申請", "Orphan requested", v, 2026, 5, 11),
            stop("G02", "指定", "Designated", k, 2027, 1, basis=predicted),
        )),
        ("P", "治験・開発", "Programme", (
            stop("P01", "非臨床", "Non-clinical", v, 2025, 2),
            stop("P02", "RS相談", "RS advice", v, 2025, 9, 12),
            stop("P03", "品質・安全性", "Quality and safety", v, 2026, 6, 18),
            stop("P04", "治験届準備", "CTN in preparation", c, 2026, 9, 1),
            stop("P05", "30日調査", "30-day review", s, 2027, 3, 1),
            stop("P06", "治験", "Trial", k, 2027, 4, basis=assumed),
            stop("P07", "申請前", "Pre-application", k, 2028, 11, basis=predicted),
        )),
        ("C", "PMDA相談", "Consultation", (
            stop("C01", "RS事前面談", "RS pre-meeting", v, 2025, 9, 12),
            stop("C02", "品質・安全性相談", "Quality and safety", v, 2026, 6, 18),
            stop("C03", "RS戦略相談", "RS strategy", s, 2027, 2, 17, basis=Basis.AGREED),
            stop("C04", "申請前相談", "Pre-application", k),
        )),
        ("A", "承認申請", "Application", (
            stop("A01", "申請", "Filed", k, 2029, 1, basis=predicted),
            stop("A02", "審査", "Review", k, 2029, 2, basis=predicted),
            stop("A03", "部会", "Committee", k, 2029, 9, basis=predicted),
            stop("A04", "承認", "Approved", k, 2029, 11, basis=predicted),
        )),
        ("K", "承認", "Approval", (
            stop("K02", "条件及び期限付承認", "Conditional approval", p, 2029, 11, basis=predicted),
            stop("K01", "本承認", "Full approval", p, basis=Basis.UNKNOWN),
        )),
    )  # fmt: skip
    record = Text(ja="記録の確定が条件", en="its record must be confirmed")
    return LineMap(
        tuple(Lane(letter, letter, Text(ja=ja, en=en), stations) for letter, ja, en, stations in lanes),
        TODAY,
        (Transfer("C03", "P05", record), Transfer("C04", "P07", record), Transfer("P07", "A01")),
    )
