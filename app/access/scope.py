"""The scope in which a query reads; every query takes one first, so that nothing is found by a bare id."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.access.actor import Actor, OrganisationKind, Position
from app.core import clock
from app.core.errors import Forbidden


class Reads(Protocol):
    """What a statement asks of its reader: a Scope, or the Reader of a statement that is made once for many."""

    @property
    def everything(self) -> bool: ...
    @property
    def nobody(self) -> bool: ...
    @property
    def own(self) -> Any: ...
    @property
    def led(self) -> Any: ...
    @property
    def hubs(self) -> Any: ...
    @property
    def kept(self) -> Any: ...
    @property
    def today(self) -> Any: ...


@dataclass(frozen=True)
class Scope:
    """What a person may look for. ``everything`` is the worker's and the command line's."""

    actor: Actor | None = None
    everything: bool = False
    own: frozenset[str] = field(init=False)  # organisations whose therapies are this person's own
    led: frozenset[str] = field(init=False)  # … of which they are the lead
    hubs: frozenset[str] = field(init=False)  # hubs on whose behalf they review
    kept: frozenset[str] = field(init=False)  # … and whose rules they keep

    def __post_init__(self) -> None:
        memberships = self.actor.memberships if self.actor else ()
        own = {
            m.organisation_id for m in memberships if m.kind in (OrganisationKind.COMPANY, OrganisationKind.UNIVERSITY)
        }
        led = {m.organisation_id for m in memberships if m.organisation_id in own and m.position is Position.LEAD}
        hubs = {m.organisation_id for m in memberships if m.kind is OrganisationKind.HUB}
        object.__setattr__(self, "own", frozenset(own))
        object.__setattr__(self, "led", frozenset(led))
        object.__setattr__(self, "hubs", frozenset(hubs))
        object.__setattr__(self, "kept", frozenset(m.organisation_id for m in memberships if m.keeps_rules))

    @property
    def nobody(self) -> bool:
        """Whether nobody is signed in."""
        return self.actor is None

    @property
    def today(self) -> dt.date:
        """The day on which one reads: a grant ends with its last day."""
        return clock.today()

    def person(self) -> Actor:
        """The person who acts; raises Forbidden where nobody is signed in."""
        if self.actor is None:
            raise Forbidden
        return self.actor


EVERYTHING = Scope(everything=True)
NOBODY = Scope()
