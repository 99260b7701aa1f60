"""The rules in the words of this room: names and codes of stations, events and lines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from app.engine.courses import without
from app.engine.definition.common import Text
from app.engine.definition.machine import MachineDefinition, StateKind
from app.engine.definition.pathway import PathwayDefinition
from app.engine.library import Library, shipped
from app.engine.machine import Rules, Track, Tracks
from app.engine.machine.words import event_text
from app.rules import editions
from app.therapies.queries import TherapyView

PROGRAMME, APPLICATION, APPROVAL, CONSULTATION = "programme", "application", "approval", "consultation"


@dataclass(frozen=True, slots=True)
class StationName:
    """A station for people: the letter of its line, its number and its name."""

    letter: str
    number: str
    names: Text

    @property
    def code(self) -> str:
        """Letter and number, as on a sign."""
        return self.letter + self.number


def library() -> Library:
    """All definitions that travel with the program."""
    return shipped()


def pathway(key: str) -> PathwayDefinition:
    """The pathway of a therapy; KeyError for one that has none (a precedent of another class)."""
    return library().pathways[key]


def rules_of(therapy: TherapyView) -> Rules:
    """The rules by which the lines of a therapy run, without editions that its hub has not accepted."""
    return ruling(therapy.organisation_id)(therapy.pathway)


def rules_of_many(views: Sequence[TherapyView]) -> dict[str, Rules]:
    """The same for many therapies by their ids; at most one statement."""
    waits = editions.waiting({each.organisation_id for each in views})
    return {each.id: _without(each.pathway, waits.get(each.organisation_id, ())) for each in views}


def ruling(organisation_id: str) -> Callable[[str], Rules]:
    """The same for whatever an organisation has on a pathway; at most one statement, however many are asked for."""
    waits = editions.waiting([organisation_id]).get(organisation_id, ())
    return lambda pathway: _without(pathway, waits)


def _without(pathway: str, waits: Collection[tuple[str, int]]) -> Rules:
    return without(library().course(pathway), waits) if pathway else library()


def station(machine: str, state: str) -> StationName:
    """The station that a state is."""
    line = library().stations.lines[machine]
    return StationName(line.letter, line.stations[state], library().machines[machine].state(state).names)


def event_names(event: str) -> Text:
    """The name of an event."""
    return event_text(library(), event)


def line_names(machine: str, instance: str | None = None) -> Text:
    """The name of a line, with what tells it from others of its kind: 承認申請(一部変更)."""
    definition = library().machines[machine]
    kind = instance_names(definition, instance) if instance and definition.named_by else None
    if kind is None:
        return definition.names
    return Text(ja=f"{definition.names.ja}({kind.ja})", en=f"{definition.names.en} ({kind.en})")


def instance_names(definition: MachineDefinition, instance: str) -> Text | None:
    """What an instance is called: the name of its kind, with its number from the second on; of a lot, its own name."""
    base, _, number = instance.partition("-")
    attribute = definition.attribute(definition.named_by or "")
    if attribute and not attribute.choices and definition.key != CONSULTATION:
        return Text(ja=instance, en=instance)
    if definition.key == CONSULTATION:
        found = library().consultations.get(base)
        names = found.name if found else None
    else:
        names = attribute.choices.get(base) if attribute else None
    if names is None:
        return None
    return Text(ja=f"{names.ja} {number}".strip(), en=f"{names.en} {number}".strip())


def leading(tracks: Tracks) -> Track | None:
    """The track that says best how far a therapy is: its approval, else an open application, else the programme."""
    programme, approval = tracks.get(PROGRAMME), tracks.get(APPROVAL)
    if approval:
        return approval
    if programme and programme.ended:
        return programme
    return next((each for each in tracks.of(APPLICATION) if not each.ended), programme or tracks.get(APPLICATION))


def on_main_line(machine: str, state: str) -> bool:
    """Whether the state lies on the usual way."""
    return library().machines[machine].state(state).kind in (StateKind.START, StateKind.NORMAL)
