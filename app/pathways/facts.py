"""What guards may ask of other rooms. Rooms above register a provider; this room adds what people noted as facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, select

from app.access.scope import Scope
from app.core.db import session
from app.engine.machine import KnownFacts
from app.therapies.queries import TherapyView


class Provider(Protocol):
    """A room that knows something about therapies; it is asked for many at once and uses one statement."""

    def __call__(self, scope: Scope, therapy_ids: Sequence[str]) -> Mapping[str, KnownFacts]:
        """What is known, by therapy; therapies of which nothing is known may be missing."""
        ...


class Companion(Protocol):
    """A room whose knowledge about one therapy is one value, which comes along with what else is read of it."""

    def column(self, therapy_id: str) -> ColumnElement[Any]:
        """The value, for the statement of another room that reads the same therapy."""
        ...

    def read(self, therapy: TherapyView, told: Any) -> KnownFacts:
        """What the value says."""
        ...


_providers: list[Provider] = []
_companions: list[Companion] = []


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


def columns(therapy_id: str) -> list[ColumnElement[Any]]:
    """What to read together with a therapy, so that ``of`` needs no statement for it."""
    return [companion.column(therapy_id) for companion in _companions]


def of(scope: Scope, therapy: TherapyView, noted: KnownFacts, told: Sequence[Any] | None = None) -> KnownFacts:
    """Everything known about one therapy; what rooms keep goes before what was only noted.

    ``told``: the values of ``columns``, where they were read already.
    """
    return with_noted(therapy, kept(scope, therapy, told), noted)


def kept(scope: Scope, therapy: TherapyView, told: Sequence[Any] | None = None) -> list[KnownFacts]:
    """What the rooms keep about one therapy; ``told`` as for ``of``."""
    if told is None:
        told = session.execute(select(*columns(therapy.id))).one() if _companions else ()
    along = [companion.read(therapy, value) for companion, value in zip(_companions, told, strict=True)]
    asked = [provider(scope, [therapy.id]).get(therapy.id) for provider in _providers]
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
