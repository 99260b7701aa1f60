"""From an address that only takes what is sent, as a refused form leaves it in the browser, one gets back to a page."""

from __future__ import annotations

import re

from flask import Flask

from app.web import links
from tests.factories.therapies import add_therapy
from tests.factories.world import World
from tests.web.visitor import Visitor


def test_every_address_that_only_takes_has_a_page_above_it(app: Flask) -> None:
    routes = app.url_map.bind("localhost")
    only_taking = [rule for rule in app.url_map.iter_rules() if "GET" not in (rule.methods or ())]
    assert len(only_taking) > 10
    for rule in only_taking:
        address = re.sub(r"<(\w+:)?\w+>", "1", rule.rule)
        with app.test_request_context(address, method="POST"):
            page = links.readable(address)
        assert address.startswith(page), address
        assert routes.match(page, method="GET"), (address, page)
    with app.test_request_context("/"):
        assert links.readable("/therapies") == "/therapies"
        assert links.readable("/no/such/page") == "/no/such/page"


def test_the_language_of_a_refused_form_can_be_changed(visit: Visitor, world: World) -> None:
    lead = visit.as_(world.lead, "ja")
    with lead._app.app_context():
        therapy = add_therapy(world.lead)
    item = f"/therapies/{therapy}/evidence/G1/Q28"
    refused = lead.post(f"{item}/documents", {}, status=200)
    back = re.search(r'name="next" value="([^"]+)"', refused)
    assert back
    assert lead.post("/language", {"language": "en", "next": back[1]}) == item
    assert f'href="{item}"' in lead.get(f"{item}/documents", status=405)
