"""Reading all definitions critically: whatever could mislead a reader is a finding with file, line and what to do.

``lint(root)`` never raises for bad definitions; it works on any folder of the same shape, a temporary copy too.
"""

from __future__ import annotations

from pathlib import Path

from app.engine.lint.abroad import abroad_findings
from app.engine.lint.editions import edition_findings
from app.engine.lint.evidence import evidence_findings
from app.engine.lint.files import PUBLISHED, Shelf
from app.engine.lint.finding import Finding
from app.engine.lint.guards import guard_findings
from app.engine.lint.machines import machine_findings
from app.engine.lint.marks import mark_findings
from app.engine.lint.pathways import pathway_findings
from app.engine.lint.published import published_findings
from app.engine.lint.released import release_list, released_findings
from app.engine.lint.twice import twice_findings
from app.engine.lint.words import word_findings
from app.engine.loader import WORKFLOWS

__all__ = ["Finding", "lint", "lint_published", "release_list"]


def lint(root: Path = WORKFLOWS) -> list[Finding]:
    """Everything wrong in the folder ``root``, by file and line; an empty list when nothing is."""
    shelf = Shelf.open(root)
    findings = [
        *shelf.findings,
        *mark_findings(shelf),
        *twice_findings(shelf),
        *machine_findings(shelf),
        *edition_findings(shelf),
        *word_findings(shelf),
        *pathway_findings(shelf),
        *guard_findings(shelf),
        *evidence_findings(shelf),
        *published_findings(shelf),
        *abroad_findings(shelf),
        *released_findings(root),
    ]
    return sorted(set(findings), key=lambda each: (each.file, each.line or 0, each.what))


def lint_published(text: str, name: str, root: Path = WORKFLOWS) -> list[Finding]:
    """What ``lint`` would say of ``text`` if it stood in ``root`` as the file ``name`` of ``published/``."""
    shelf = Shelf.open(root, {name: text}, PUBLISHED)
    findings = [*shelf.findings, *mark_findings(shelf), *published_findings(shelf)]
    return [each for each in dict.fromkeys(findings) if each.file == name]
