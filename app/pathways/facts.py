"""What guards may ask of other rooms. Rooms above register a provider; this room adds what people noted as facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import ColumnElement, select

from app.access.scope import Scope
from app.core.db import session
from app.engine.machine import Facts, KnownFacts, Lack, Truth
from app.engine.machine.facts import FactKind
from app.therapies.models import Therapy
from app.therapies.queries import TherapyView


class Provider(Protocol):
    """A room that knows something about therapies; it is asked for many at once and uses one statement."""

    def __call__(self, scope: Scope, therapy_ids: Sequence[str], on: dt.date) -> Mapping[str, KnownFacts]:
        """What held on a day, by therapy; what the room cannot say of that day is left out."""
        ...


class Companion(Protocol):
    """A room whose knowledge about one therapy is one value, which comes along with what else is read of it."""

    @property
    def column(self) -> ColumnElement[Any]:
        """The value, made once, for the statement of another room that reads the therapy."""
        ...

    def read(self, therapy: TherapyView, told: Any, on: dt.date) -> KnownFacts:
        """What the value says of a day; what the room cannot say of that day is left out."""
        ...


_providers: list[Provider] = []
_companions: list[Companion] = []


class Awaited:
    """Facts that are found when a guard first asks: most steps have no guard, and take less time than finding them."""

    def __init__(self, find: Callable[[], Facts]) -> None:
        self._find = find

    @cached_property
    def _known(self) -> Facts:
        return self._find()

    def truth(self, kind: FactKind, key: str) -> Truth:
        """See Facts.truth."""
        return self._known.truth(kind, key)

    def lacking(self, gate: str) -> Sequence[Lack] | None:
        """See Facts.lacking."""
        return self._known.lacking(gate)

    def therapy(self, attribute: str) -> str | None:
        """See Facts.therapy."""
        return self._known.therapy(attribute)


def register(provider: Provider) -> Provider:
    """Let guards see what ``provider`` knows; registering the same one twice changes nothing."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def accompany(companion: Companion) -> Companion:
    """The same for a room whose knowledge comes along."""
    if companion not in _companions:
        _companions.append(companion)
    return companion


def columns() -> list[ColumnElement[Any]]:
    """What to read together with a therapy, so that ``of`` needs no statement for it."""
    return [companion.column for companion in _companions]


def told(therapy_id: str) -> Sequence[Any]:
    """The values of ``columns``, where nothing else is read of the therapy."""
    return (
        session.execute(select(*columns()).select_from(Therapy).where(Therapy.id == therapy_id)).one()
        if _companions
        else ()
    )


def of(
    scope: Scope, therapy: TherapyView, noted: KnownFacts, on: dt.date, values: Sequence[Any] | None = None
) -> KnownFacts:
    """Everything known about one therapy on a day; what rooms keep goes before what was only noted.

    ``values`` are those of ``columns``, where they were read already.
    """
    values = told(therapy.id) if values is None else values
    return with_noted(therapy, kept(scope, therapy, on, values), noted)


def kept(scope: Scope, therapy: TherapyView, on: dt.date, values: Sequence[Any]) -> list[KnownFacts]:
    """What the rooms keep about one therapy on a day; ``values`` are those of ``columns``."""
    along = [companion.read(therapy, value, on) for companion, value in zip(_companions, values, strict=True)]
    asked = [provider(scope, [therapy.id], on).get(therapy.id) for provider in _providers]
    return [*along, *(each for each in asked if each)]


def with_noted(therapy: TherapyView, kept: Sequence[KnownFacts], noted: KnownFacts) -> KnownFacts:
    """What the rooms keep, and what people had noted where these are silent."""
    known = [noted, *kept]
    attributes = {"class": therapy.product_class, "material": therapy.material}
    return KnownFacts(
        facts=_merged([each.facts for each in known]),
        documents=_merged([each.documents for each in known]),
        licences=_merged([each.licences for each in known]),
        licences_applied=_merged([each.licences_applied for each in known]),
        evidence={gate: lacks for each in known for gate, lacks in each.evidence.items()},
        attributes={**attributes, **{key: value for each in known for key, value in each.attributes.items()}},
    )


def _merged(parts: Sequence[Mapping[str, bool]]) -> dict[str, bool]:
    return {key: value for part in parts for key, value in part.items()}
