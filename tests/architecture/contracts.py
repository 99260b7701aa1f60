"""Two contracts that import-linter does not bring: furniture private to its room, and packages with one door."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import grimp
from importlinter import Contract, ContractCheck, fields, output


class _DirectImports(Contract):
    """A contract about direct imports; a subclass names the imports that break it."""

    def broken(self, graph: grimp.ImportGraph) -> Iterator[tuple[str, str]]:
        raise NotImplementedError

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        broken = [
            (importer, imported, graph.get_import_details(importer=importer, imported=imported))
            for importer, imported in sorted(self.broken(graph))
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported, details in check.metadata["broken"]:
            lines = ", ".join(str(detail["line_number"]) for detail in details)
            output.print_error(f"{importer} -> {imported} (l.{lines})", bold=False)


class PrivateFurniture(_DirectImports):
    """``app.<room>.<furniture>`` is imported only from ``app.<room>`` and, to register it, by ``opened_by``."""

    type_name = "private_furniture"
    furniture = fields.ListField(subfield=fields.StringField())
    opened_by = fields.StringField()

    def broken(self, graph: grimp.ImportGraph) -> Iterator[tuple[str, str]]:
        for module in graph.modules:
            match module.split("."):
                case ["app", room, name, *_] if name in self.furniture:  # type: ignore[operator]
                    opened_by = str(self.opened_by)
                    for importer in graph.find_modules_that_directly_import(module):
                        if importer != opened_by and importer.split(".")[1:2] != [room]:
                            yield importer, module


class Doors(_DirectImports):
    """A package from outside is imported only by the modules that are its doors (``*`` stands for any name)."""

    type_name = "doors"
    packages = fields.ListField(subfield=fields.StringField())
    doors = fields.ListField(subfield=fields.StringField())

    def broken(self, graph: grimp.ImportGraph) -> Iterator[tuple[str, str]]:
        for package in set(self.packages) & graph.modules:  # type: ignore[call-overload]
            for importer in graph.find_modules_that_directly_import(package):
                if not any(fnmatchcase(importer, door) for door in self.doors):  # type: ignore[attr-defined]
                    yield importer, package
