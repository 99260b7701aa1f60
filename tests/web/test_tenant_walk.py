"""Every page about a thing of a company opens for its lead, and of a hub for who keeps its rules, whole.

Who else may open it, test_strangers walks.
"""

from __future__ import annotations

from flask import Flask

from app.access.policy import POLICY, Audience
from app.config import Settings
from tests.factories.belongings import WORDS, address, kept_by_the_administrator, one_of_everything
from tests.factories.world import World
from tests.web.visitor import Visitor

KEEPING = {Audience.KEEPER, Audience.HUB_ADMIN}


def test_the_owner_finds_all_of_it(app: Flask, visit: Visitor, world: World, settings: Settings) -> None:
    with app.app_context():
        ids = one_of_everything(world.lead, world.hub, settings, name="極秘品")
        ids |= kept_by_the_administrator(world, name="極秘品")
    lead, keeper, walked = visit.as_(world.lead), visit.as_(world.admin), 0
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments and rule.arguments <= {*ids, *WORDS}:
            assert POLICY[rule.endpoint].audience is not Audience.EVERYONE
            owner = keeper if POLICY[rule.endpoint].audience in KEEPING else lead
            if rule.endpoint.endswith(".download"):
                assert owner.client.get(address(rule, ids)).status_code == 200
            else:
                owner.get(address(rule, ids))
            walked += 1
    assert walked > 40
