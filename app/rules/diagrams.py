"""Machines as pictures: a whole one on its own page, and on the page of a pathway each as the pathway has it."""

from __future__ import annotations

from app.core.i18n import Language
from app.engine.library import shipped
from app.web.machinemap import MachineMapView, machine_map_view


def of(group: str, key: str, speak: Language) -> tuple[MachineMapView, ...]:
    """The pictures on the page of a definition; none for kinds of consultation."""
    library = shipped()
    if group == "machines":
        found, pathway = {key: library.machines[key]}, None
    elif group == "pathways":
        found, pathway = library.course(key).own, library.pathways[key]
    else:
        return ()
    lines = library.stations.lines
    return tuple(
        machine_map_view(machine, lines[name].letter, lines[name].stations, speak, pathway)
        for name, machine in found.items()
    )
