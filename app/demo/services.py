"""Loading the demonstration hub through the same services that people use; loading twice changes nothing."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.abroad import services as abroad
from app.abroad.services import Told
from app.access.actor import OrganisationKind, Position
from app.access.scope import Scope
from app.config import DEMO_PASSWORD
from app.consultations.services import plans
from app.consultations.wish import Wish
from app.core import clock
from app.core.db import transaction
from app.core.errors import Refused
from app.demo.evidence import bring
from app.engine.calendar import Month
from app.engine.loader import plain, read_yaml
from app.engine.machine import Days
from app.organisations import queries as organisations
from app.organisations import services as founding
from app.pathways import precedents
from app.pathways import services as pathways
from app.pathways.sentences import BEFORE
from app.people import services as people
from app.therapies import services as therapies

HUB = Path(__file__).with_name("hub.yaml")
AGE = re.compile(r"(\d+)([dmy])")


@dataclass(frozen=True)
class SignIn:
    """Someone of the demo who can sign in."""

    email: str
    password: str
    organisation_ja: str
    organisation_en: str
    position: Position


def load() -> bool:
    """Make the hub, its companies, their therapies and plans; False where there are organisations already."""
    if organisations.count():
        return False
    data, today = plain(read_yaml(HUB, HUB.parent)), clock.today()
    with transaction():
        hub, people_of_hub = _found(data["hub"], OrganisationKind.HUB, None)
        admin = Scope(organisations.actor(people_of_hub[Position.ADMIN]))
        founding.let_keep_rules(admin, hub, people_of_hub[Position.ADMIN], keeps=True)
        for company in data["companies"]:
            owner, people_of = _found(company, OrganisationKind.COMPANY, hub)
            scope = Scope(organisations.actor(people_of[Position.LEAD]))
            for therapy in company["therapies"]:
                _add(scope, owner, hub, therapy, today)
        precedents.load()
    return True


def sign_ins() -> list[SignIn]:
    """Everybody of the demo who can sign in: the hub's people and the first two companies' leads come first."""
    data = plain(read_yaml(HUB, HUB.parent))
    return [
        SignIn(person["email"], DEMO_PASSWORD, place["name_ja"], place["name_en"], Position(person["position"]))
        for place in (data["hub"], *data["companies"])
        for person in place["people"]
    ]


def _found(place: dict[str, Any], kind: OrganisationKind, hub: str | None) -> tuple[str, dict[Position, str]]:
    """An organisation with its people; returns its id, and one person's id by position."""
    by_position: dict[Position, str] = {}
    row = founding.found(kind=kind, name_ja=place["name_ja"], name_en=place["name_en"], hub_id=hub)
    for person in place["people"]:
        made = people.add_person(
            email=person["email"],
            name=person["name"],
            language=person["language"],
            password_hash=people.hashed(DEMO_PASSWORD),
        )
        founding.join(made.id, row.id, Position(person["position"]))
        by_position[Position(person["position"])] = made.id
    return row.id, by_position


def _add(scope: Scope, owner: str, hub: str, therapy: dict[str, Any], today: dt.date) -> None:
    therapy_id = therapies.add(
        scope,
        name_ja=therapy["name_ja"],
        name_en=therapy["name_en"],
        product_class="RMP-C",
        material=therapy["material"],
        indication_ja=therapy["indication_ja"],
        indication_en=therapy["indication_en"],
        organisation_id=owner,
    )
    for event, age in therapy["history"].items():
        written, attributes = (age, {}) if isinstance(age, str) else age
        pathways.record(
            scope,
            therapy_id,
            event=event,
            on=days_ago(written, today),
            attributes=attributes,
            late=True,
            because=BEFORE.en,
        )
    for plan in therapy.get("plans", ()):
        _plan(scope, therapy_id, plan["type"], Month.of(today), plan["meeting_in"])
    if "evidence" in therapy:
        bring(scope, therapy_id, therapy["evidence"], today)
    for planned in therapy.get("abroad", ()):
        agency, _dot, milestone = planned["what"].partition(".")
        day = Month.of(today).plus(planned["in_months"])
        abroad.plan(scope, therapy_id, Told(agency, milestone, Days.parse(str(day)), remark=planned["remark"]))
    if therapy["granted"]:
        therapies.grant(scope, therapy_id, hub)


def _plan(scope: Scope, therapy_id: str, kind: str, this_month: Month, ahead: int) -> None:
    """Confirm a plan for the wished month, or for the next one that is still possible."""
    month = this_month.plus(ahead)
    for later in range(6):
        try:
            plans.confirm(scope, therapy_id, kind, Wish(month=month.plus(later)))
        except Refused:
            continue
        return


def days_ago(written: str, today: dt.date) -> Days:
    """``20d`` the day 20 days ago, ``18m`` the month 18 months ago, ``3y`` the year 3 years ago."""
    found = AGE.fullmatch(written)
    if not found:
        raise ValueError(f"{written!r}: write an age such as 20d, 18m or 3y")
    number, unit = int(found[1]), found[2]
    if unit == "d":
        return Days.of(today - dt.timedelta(days=number))
    if unit == "y":
        return Days.parse(str(today.year - number))
    month = Month.of(today).plus(-number)
    return Days.parse(str(month))
