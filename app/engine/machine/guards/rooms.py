"""Guards that ask what other rooms keep: facts, evidence, documents and licences."""

from __future__ import annotations

from app.engine.definition.common import Text
from app.engine.definition.guards import DocumentApproved, EvidenceComplete, FactPresent, LicenceHeld
from app.engine.machine.facts import FactKind, Truth
from app.engine.machine.guards.situation import MET, UNMET, UNSURE, Finding, Situation, Verdict
from app.engine.machine.tracks import Track
from app.engine.machine.words import days_text, few, filled, machine_text

LICENCE = "licence"


def _known(at: Situation, kind: FactKind, keys: tuple[str, ...]) -> Finding:
    truths = {at.facts.truth(kind, key) for key in keys}
    if Truth.NO in truths:
        return UNMET
    return UNSURE if Truth.UNKNOWN in truths else MET


def fact_present(guard: FactPresent, at: Situation) -> Finding:
    """See FactPresent."""
    return _known(at, "fact", guard.facts)


_NO_EVIDENCE = Finding(
    Verdict.CANNOT_TELL,
    Text(
        ja="この段階までに必要な証拠の一覧がありません。",
        en="There is no list of what evidence is needed by then, so it cannot be told.",
    ),
)


def evidence_complete(guard: EvidenceComplete, at: Situation) -> Finding:
    """See EvidenceComplete."""
    missing = at.facts.lacking(guard.gate)
    if missing is None:
        return _NO_EVIDENCE
    missing = [
        each
        for each in missing
        if (not guard.items or each.key in guard.items)
        and not (each.note_counts and at.facts.truth("fact", each.key) is Truth.YES)
    ]
    if not missing:
        return MET
    blocking = [each.names for each in missing if each.blocks]
    because = filled(guard.because, items=few(blocking or [each.names for each in missing]))
    beside = len(missing) - len(blocking)
    if blocking and beside:
        because = Text(
            ja=f"{because.ja}ほかに、この段階では注意にとどまる未完了の証拠が{beside}件あります。",
            en=f"{because.en} Beside these, {beside} that only warn {'is' if beside == 1 else 'are'} missing.",
        )
    return Finding(Verdict.NOT_YET if blocking else Verdict.WARNING, because)


def document_approved(guard: DocumentApproved, at: Situation) -> Finding:
    """See DocumentApproved."""
    return _known(at, "document", guard.documents)


def licence_held(guard: LicenceHeld, at: Situation) -> Finding:
    """See LicenceHeld."""
    truths = {licence: _licence(guard, licence, at) for licence in guard.licences}
    if Truth.NO in truths.values():
        return UNMET
    if Truth.UNKNOWN not in truths.values():
        return MET
    unsure = [licence for licence, truth in truths.items() if truth is Truth.UNKNOWN]
    open_ones = [track for licence in unsure for track in _untold(guard, licence, at)]
    return _renewal_open(open_ones[0], at) if open_ones else UNSURE


def _untold(guard: LicenceHeld, licence: str, at: Situation) -> list[Track]:
    """The tracks of which nobody can tell whether they are in force."""
    untold = at.rules.machines[LICENCE].tagged("untold")
    return [each for each in _tracks(guard, licence, at) if each.state in untold]


def _tracks(guard: LicenceHeld, licence: str, at: Situation) -> list[Track]:
    return [each for each in at.tracks.of(LICENCE) if each.attributes.get("kind") in guard.kinds(licence)]


def _renewal_open(track: Track, at: Situation) -> Finding:
    """Past its term with a renewal pending: its result alone tells."""
    kind = at.rules.machines[LICENCE].attribute("kind")
    name = (kind.choices if kind else {}).get(track.attributes["kind"]) or machine_text(at.rules, LICENCE)
    end = days_text(track.since)
    because = Text(
        ja=f"{name.ja}の有効期間は{end.ja}に満了し、更新の結果が記録されていないため、有効かどうか分かりません。",
        en=f"{name.en}: its term ended on {end.en}, and the result of its renewal is not recorded, "
        "so it cannot be told whether it is in force.",
    )
    do = Text(ja="許可・認定の更新の結果を記録してください。", en="Record the result of the renewal.")
    return Finding(Verdict.CANNOT_TELL, because, do=do, record="LICENCE_GRANTED")


def _licence(guard: LicenceHeld, licence: str, at: Situation) -> Truth:
    """Whether the licence is there: by its tracks, else by what was noted of it."""
    machine = at.rules.machines[LICENCE]
    enough = machine.tagged("in_force") | (machine.tagged("pending") if guard.applied_suffices else frozenset())
    tracks = _tracks(guard, licence, at)
    if any(each.state in enough for each in tracks):
        return Truth.YES
    if _untold(guard, licence, at):
        return Truth.UNKNOWN
    noted = at.facts.truth("licence", licence)
    applied = at.facts.truth("licence_applied", licence) if guard.applied_suffices else noted
    if Truth.YES in (noted, applied):
        return Truth.YES
    return Truth.NO if tracks or Truth.NO in (noted, applied) else Truth.UNKNOWN
