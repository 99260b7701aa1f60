"""A hub whose rules somebody keeps: a draft, a fee that counts, and an entry that was verified."""

from __future__ import annotations

from dataclasses import dataclass

from app.core import clock
from app.organisations import services as founding
from app.rules import pages, services
from app.rules.kinds import Kind
from tests.factories.world import World, scope_of


@dataclass(frozen=True)
class Kept:
    """The ids of what was entered and verified."""

    draft: str
    accepted: str
    entry: str
    verification: str


def keep_rules(world: World) -> Kept:
    """The administrator of the hub becomes its keeper and enters two fees, of which one counts."""
    founding.let_keep_rules(scope_of(world.admin), world.hub, world.admin, keeps=True)
    keeper = scope_of(world.admin)
    fee = {"name": {"ja": "料", "en": "Fee"}, "yen": 1, "valid_from": "2027-04-01"}
    source = {"title_ja": "表", "title_en": "Table", "url": "", "read_on": clock.today()}
    draft, accepted = (services.save(keeper, Kind.FEE, {**fee, "key": key}, source) for key in ("rs_pre", "rs_general"))
    services.accept(keeper, accepted, version=1)
    entry = next(each for each in pages.shipped_entries() if each.group == "clocks")
    verified = services.verify(keeper, entry, digest=entry.digest, on=clock.today(), compared="条文")
    return Kept(draft, accepted, entry.id, verified)
