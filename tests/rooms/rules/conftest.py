"""Two hubs with a keeper each; the company of the first has a consultation, as has one that shares nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app.access.actor import OrganisationKind, Position
from app.access.scope import Scope
from app.consultations import services as consultations
from app.consultations.wish import Wish
from app.core import clock
from app.core.db import transaction
from app.engine.calendar import Month
from app.organisations import services as founding
from app.rules import services
from app.rules.kinds import Kind
from app.therapies import services as therapies
from tests.factories.world import World, add_person, scope_of

MEETINGS = Month(2027, 6)


@dataclass
class Hubs:
    """Ids of people, therapies and consultations."""

    world: World
    keeper: str  # staff of the first hub, to whom its administrator gave the rules
    other_keeper: str
    other_lead: str
    other_hub: str
    shared: str  # the consultation of the company, whose therapy the hub may see
    hidden: str  # of the other company of the same hub, which shared nothing
    elsewhere: str  # of a company of the other hub

    @property
    def keeping(self) -> Scope:
        """The scope of the keeper."""
        return scope_of(self.keeper)


@pytest.fixture
def hubs(app: Flask, world: World) -> Hubs:
    """On 24 November 2026, with requests for meetings in June 2027 predicted for 1 April."""
    clock.move_to(dt.datetime.fromisoformat("2026-11-24T09:00:00+09:00"))
    with app.app_context(), transaction():
        founding.let_keep_rules(scope_of(world.admin), world.hub, world.staff, keeps=True)
        hub = founding.found(kind=OrganisationKind.HUB, name_ja="別のハブ", name_en="Another Hub")
        company = founding.found(kind=OrganisationKind.COMPANY, name_ja="丙社", name_en="Hei Inc.", hub_id=hub.id)
        other = add_person("keeper@other.example", "別館 五郎", hub.id, Position.ADMIN)
        lead = add_person("lead@hei.example", "別社 六郎", company.id, Position.LEAD)
        founding.let_keep_rules(scope_of(other), hub.id, other, keeps=True)
        shared = planned(world.lead, "心筋シート")
        therapies.grant(scope_of(world.lead), shared[0], world.hub)
        return Hubs(
            world,
            world.staff,
            other,
            lead,
            hub.id,
            shared[1],
            planned(world.stranger, "極秘網膜")[1],
            planned(lead, "遠方軟骨")[1],
        )


def planned(lead: str, name: str) -> tuple[str, str]:
    """A therapy of this lead with a consultation wished for June 2027; returns both ids."""
    scope = scope_of(lead)
    therapy = therapies.add(scope, name_ja=name, product_class="RMP-C", material="allogeneic_ips")
    return therapy, consultations.confirm(scope, therapy, "drug_eop2", Wish(month=MEETINGS))


TYPED: dict[str, Any] = {
    "family": "drug_clinical_trial",
    "name_ja": "令和9年度の受付日程表",
    "name_en": "Reception days FY2027",
    "lead_months": "2",
    "rows-0-meeting": "2027-06",
    "rows-0-reception": "2027-04-06",
    "rows-0-notice": "2027-04-12",
    "rows-1-meeting": "2027年7月",
    "rows-1-reception": "2027-05-10",
    "title_ja": "PMDA 治験相談の日程表",
    "title_en": "PMDA, table of reception days",
    "url": "https://www.pmda.go.jp/",
    "read_on": "2026-11-20",
}
SOURCE = {"title_ja": "表", "title_en": "table", "url": "", "read_on": dt.date(2026, 11, 20)}


def table(reception: str = "2027-04-06") -> dict[str, Any]:
    """The content of a table with one line for June 2027."""
    rows = [{"meeting": "2027-06", "reception": reception, "notice": "2027-04-12"}]
    name = {"ja": "表", "en": "table"}
    content = {"family": "drug_clinical_trial", "name": name, "lead_months": 2, "rows": rows}
    return {**content, "valid_from": "2027-06-01"}


def drafted(scope: Scope, reception: str = "2027-04-06") -> str:
    """A draft of such a table; returns its id."""
    return services.save(scope, Kind.RECEPTION, table(reception), SOURCE)
