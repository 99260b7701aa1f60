"""What guards may ask of other rooms. Rooms above register a provider; this room adds what people noted as facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.access.scope import Scope
from app.engine.machine import KnownFacts
from app.therapies.queries import TherapyView


class Provider(Protocol):
    """A room that knows something about therapies; it is asked for many at once and uses one statement."""

    def __call__(self, scope: Scope, therapy_ids: Sequence[str]) -> Mapping[str, KnownFacts]:
        """What is known, by therapy; therapies of which nothing is known may be missing."""
        ...


_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Let guards see what ``provider`` knows; registering the same one twice changes nothing."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def of(scope: Scope, therapy: TherapyView, noted: KnownFacts) -> KnownFacts:
    """Everything known about one therapy; what rooms keep goes before what was only noted."""
    told = [provider(scope, [therapy.id]).get(therapy.id) for provider in _providers]
    known = [noted, *(each for each in told if each)]
    attributes = {"class": therapy.product_class, "material": therapy.material}
    return KnownFacts(
        facts=_merged([each.facts for each in known]),
        documents=_merged([each.documents for each in known]),
        licences=_merged([each.licences for each in known]),
        licences_applied=_merged([each.licences_applied for each in known]),
        attributes={**attributes, **{key: value for each in known for key, value in each.attributes.items()}},
    )


def _merged(parts: Sequence[Mapping[str, bool]]) -> dict[str, bool]:
    return {key: value for part in parts for key, value in part.items()}
