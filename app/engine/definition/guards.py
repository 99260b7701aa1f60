"""Guards as small declarative data: each kind asks one question, no kind is an expression language.

A guard answers *yes*, *not yet*, *cannot tell* or *warning* (進む条件). What it says when it is not met is
written beside it in both languages: ``because`` (what is missing) and ``do`` (what to do now).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from app.engine.definition.common import Dated, Definition, Key, Provenance, Text

EventName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=48)]


class Unmet(StrEnum):
    """What an unmet guard answers: it blocks, or it only warns."""

    NOT_YET = "not_yet"
    WARNING = "warning"


class Target(Definition):
    """What a page links the reader to: a thing of a room, never an address."""

    room: Literal["track", "consultation", "document", "evidence", "fact", "licence", "designation"]
    key: str


class GuardBase(Dated):
    """What every guard has.

    ``only_classes`` limits it to some product classes (RMP-C …), ``only_materials`` to products of some materials;
    empty means all. A step is judged by the guards of its day.
    """

    because: Text
    do: Text
    unmet: Unmet = Unmet.NOT_YET
    target: Target | None = None
    only_classes: tuple[str, ...] = ()
    only_materials: tuple[Key, ...] = ()
    provenance: Provenance


class TrackInState(GuardBase):
    """Another track (or this machine's own) stands in one of ``states``; ``where`` narrows by attributes."""

    kind: Literal["track_in_state"]
    machine: Key
    states: tuple[Key, ...] = Field(min_length=1)
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    own: bool = False  # look only at the track that would move


class ConsultationRecorded(GuardBase):
    """A consultation of one of ``types`` has come to a state tagged ``tag``.

    One that is still open always blocks (its answer may change the step); when there is none at all, ``unmet`` decides.
    """

    kind: Literal["consultation_recorded"]
    types: tuple[Key, ...] = Field(min_length=1)
    tag: Literal["recorded", "held"] = "recorded"


class FactPresent(GuardBase):
    """Each of ``facts`` is known to hold in the room that keeps it."""

    kind: Literal["fact_present"]
    facts: tuple[Key, ...] = Field(min_length=1)


class EvidenceComplete(GuardBase):
    """All evidence that the product needs by ``gate`` is accepted; with ``items`` only those of them.

    Each item says itself whether it blocks or only warns while it is missing. ``because`` names the missing ones in
    the place of ``{items}``.
    """

    kind: Literal["evidence_complete"]
    gate: Key
    items: tuple[Key, ...] = ()


class DocumentApproved(GuardBase):
    """Each of ``documents`` has an approved version."""

    kind: Literal["document_approved"]
    documents: tuple[Key, ...] = Field(min_length=1)


class LicenceHeld(GuardBase):
    """Each of ``licences`` is held, or (where ``applied`` suffices) at least applied for.

    ``MFG_LICENCE_OR_FMA`` asks for either kind. A licence is a track; what a person only noted counts where there is
    none.
    """

    kind: Literal["licence_held"]
    licences: tuple[Key, ...] = Field(min_length=1)
    applied_suffices: bool = False

    @staticmethod
    def kinds(licence: str) -> tuple[str, ...]:
        """The kinds of which one is asked for."""
        return tuple(licence.split("_OR_"))


class DesignationHeld(GuardBase):
    """A designation of one of ``kinds`` stands."""

    kind: Literal["designation_held"]
    kinds: tuple[Key, ...] = Field(min_length=1)


class Elapsed(GuardBase):
    """``days`` whole calendar days have passed since the track entered ``since``.

    The day of entry is day number ``count_from``: with 1 it is the first day of the period, with 0 the day after is.
    The step is possible on the day after the last day of the period; a waiting period is never rolled.
    """

    kind: Literal["elapsed"]
    since: Key
    days: int = Field(gt=0)
    count_from: Literal[0, 1]


class DateOrder(GuardBase):
    """The day of the event itself is not after a day of another track: its term end or its entry into ``state``.

    Days known only by month or year are intervals; where they overlap the answer is "cannot tell". The day itself is in
    time, but with ``on_the_day`` that is not certain: then it only warns, and says so.
    """

    kind: Literal["date_order"]
    machine: Key
    before: Literal["term_end", "entered"]
    state: Key | None = None
    on_the_day: Text | None = None
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class DateRecorded(GuardBase):
    """The day on which a track of ``machine`` entered ``state`` is recorded, to the day: other dates hang on it.

    Known by its month or year only, or given otherwise by another source, it answers "cannot tell"; a state never
    entered is not yet recorded.
    """

    kind: Literal["date_recorded"]
    machine: Key
    state: Key
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class AttributeEquals(GuardBase):
    """An attribute of the therapy, of the track or of the event has one of ``values``."""

    kind: Literal["attribute_equals"]
    of: Literal["therapy", "track", "event"]
    attribute: Key
    values: tuple[str, ...] = Field(min_length=1)


class DurationAtMost(GuardBase):
    """A duration that the event states is not longer than ``months``."""

    kind: Literal["duration_at_most"]
    attribute: Key
    months: int = Field(gt=0)


class Counted(GuardBase):
    """At least ``at_least`` events of that name have been recorded."""

    kind: Literal["counted"]
    event: EventName
    at_least: int = Field(gt=0)


Guard = Annotated[
    TrackInState
    | ConsultationRecorded
    | FactPresent
    | EvidenceComplete
    | DocumentApproved
    | LicenceHeld
    | DesignationHeld
    | Elapsed
    | DateOrder
    | DateRecorded
    | AttributeEquals
    | DurationAtMost
    | Counted,
    Field(discriminator="kind"),
]
