"""Which kinds of consultation are offered for a therapy, and what each is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.access.scope import Scope
from app.engine.catalogue import consultation_types
from app.engine.definition.common import Text
from app.engine.definition.consultation import ConsultationType
from app.pathways import queries as pathways
from app.pathways.rules import CONSULTATION, library, pathway
from app.therapies.queries import TherapyView

Strength = Literal["expected", "recommended", "optional"]
CLASSES = {  # the letters of workflows/consultations/ for people
    "D": Text(ja="医薬品", en="drugs"),
    "B": Text(ja="生物学的製剤", en="biologics"),
    "R": Text(ja="再生医療等製品", en="regenerative products"),
    "G": Text(ja="遺伝子治療用製品", en="gene therapy products"),
    "V": Text(ja="予防用の遺伝子組換え生ワクチン", en="preventive recombinant live vaccines"),
    "M": Text(ja="医療機器", en="devices"),
    "S": Text(ja="プログラム医療機器", en="software devices"),
    "I": Text(ja="体外診断用医薬品", en="in vitro diagnostics"),
}


@dataclass(frozen=True)
class Offer:
    """A kind of consultation. ``why`` and ``strength`` come from the pathway; None where it does not name the kind."""

    kind: ConsultationType
    why: Text | None
    strength: Strength | None
    fits: bool  # the class of the therapy is one for which the kind is meant

    @property
    def classes(self) -> Text:
        """For which products it is meant, in words."""
        if set(self.kind.classes) == set(CLASSES):
            return Text(ja="すべての製品", en="all products")
        named = [CLASSES[letter] for letter in self.kind.classes]
        return Text(ja="、".join(one.ja for one in named), en=", ".join(one.en for one in named))


def offers(therapy: TherapyView) -> list[Offer]:
    """All kinds that can be planned: those of the therapy's pathway in its order, then the others."""
    kinds = consultation_types()
    course = pathway(therapy.pathway) if therapy.pathway else None
    named = {entry.type: entry for entry in course.consultations} if course else {}
    order = [key for key in named if key in kinds] + [key for key in kinds if key not in named]
    letters = set(course.consulted_as) if course else set()
    return [
        Offer(
            kinds[key],
            named[key].why if key in named else None,
            named[key].strength if key in named else None,
            bool(letters & set(kinds[key].classes)),
        )
        for key in order
    ]


def missing_before(scope: Scope, therapy_id: str, kind: ConsultationType) -> list[ConsultationType]:
    """The kinds that must come before ``kind`` and of which the history of the therapy knows none that was held."""
    held_states = library().machines[CONSULTATION].tagged("held")
    held = {
        track.attributes.get("type")
        for track in pathways.tracks(scope, therapy_id).of(CONSULTATION)
        if any(track.visited(state) for state in held_states)
    }
    return [consultation_types()[key] for key in kind.requires if key not in held]
