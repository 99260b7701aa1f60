"""Make ``japan.yaml`` anew from the package ``holidays`` (a development dependency).

Run ``.venv/bin/python workflows/calendars/make_japan.py``. ``PUBLISHED_THROUGH`` is the last year whose holidays the
Cabinet Office has published; raise it when the table of the next year appears (each February), and look at the
difference before committing.
"""

from __future__ import annotations

from pathlib import Path

import holidays

FIRST_YEAR, LAST_YEAR, PUBLISHED_THROUGH = 2000, 2046, 2027
ENTHRONEMENT_CEREMONY = "Enthronement Ceremony Day"  # the package gives two different days the same English name
TABLE = Path(__file__).with_name("japan.yaml")

HEAD = """\
# Made by make_japan.py from the package holidays {version}; do not edit by hand.
# Government offices are closed on Saturdays, Sundays, national holidays and from 29 December to 3 January.
# Holidays of the years after published_through follow from the law as it stands and are predicted: the equinox days
# are fixed only in the February before, and single laws have moved other days (2019, 2020, 2021).
published_through: {published}
closure:
  first: "12-29"
  last: "01-03"
  name: {{ja: 年末年始の休日, en: Year-end closure}}
provenance: {{confidence: known_high}}
note:
  ja: 行政機関の休日に関する法律及び国民の祝日に関する法律による(公表された受付日と日程連絡日の26組すべてと整合)
  en: >-
    By the Act on Holidays of Administrative Organs and the Act on National Holidays
    (agrees with all 26 published pairs of reception and notice days)
"""


def table() -> str:
    """The whole text of ``japan.yaml``."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    japanese = holidays.country_holidays("JP", years=years, language="ja")
    english = dict(holidays.country_holidays("JP", years=years, language="en_US"))
    english |= {day: ENTHRONEMENT_CEREMONY for day in japanese if japanese[day].startswith("即位礼")}
    names = {japanese[day]: english[day] for day in sorted(japanese)}
    lines = [HEAD.format(version=holidays.__version__, published=PUBLISHED_THROUGH) + "names:"]
    lines += [f"  {_key(en)}: {{ja: {ja}, en: {_quoted(en)}}}" for ja, en in names.items()]
    lines += ["holidays:"]
    for year in years:
        days = [f"{day:%m-%d}: {_key(english[day])}" for day in sorted(japanese) if day.year == year]
        lines.append(f"  {year}: {{{', '.join(days)}}}")
    return "\n".join(lines) + "\n"


def _key(english: str) -> str:
    return english.lower().replace("'", "").replace(" ", "_")


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else text


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
