"""Classes of product that can be added today, and what a therapy is made of."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.definition.common import Text
from app.engine.library import shipped

PATHWAY = "regenerative_cell"  # the one that is shipped; a class that it does not cover cannot be chosen


@dataclass(frozen=True, slots=True)
class Material:
    """What a therapy consists of; ``classes`` are the product classes that it makes sense for."""

    names: Text
    classes: frozenset[str]


def classes() -> dict[str, Text]:
    """The product classes that the shipped pathway covers, by their codes."""
    return shipped().pathways[PATHWAY].classes


def materials() -> dict[str, Material]:
    """What a therapy of these classes can be made of."""
    offered = classes().keys()
    return {key: one for key, one in MATERIALS.items() if one.classes & offered and key != UNSTATED}


CELLS, MODIFIED, VECTOR = frozenset({"RMP-C"}), frozenset({"RMP-GX"}), frozenset({"RMP-GV"})
UNSTATED = "unstated"  # of a public precedent

MATERIALS: dict[str, Material] = {
    "autologous_cells": Material(Text(ja="自己(自家)の細胞・組織", en="The patient's own cells or tissue"), CELLS),
    "allogeneic_cells": Material(Text(ja="同種(他家)の細胞・組織", en="A donor's cells or tissue"), CELLS),
    "autologous_ips": Material(
        Text(ja="自己iPS細胞に由来する細胞", en="Cells from the patient's own iPS cells"), CELLS
    ),
    "allogeneic_ips": Material(Text(ja="同種iPS細胞に由来する細胞", en="Cells from a donor's iPS cells"), CELLS),
    "es_cells": Material(Text(ja="ES細胞に由来する細胞", en="Cells from ES cells"), CELLS),
    "autologous_modified": Material(
        Text(ja="遺伝子を導入した自己の細胞", en="The patient's own cells with genes added"), MODIFIED
    ),
    "allogeneic_modified": Material(
        Text(ja="遺伝子を導入した同種の細胞", en="A donor's cells with genes added"), MODIFIED
    ),
    "viral_vector": Material(Text(ja="ウイルスベクター", en="A viral vector"), VECTOR),
    "oncolytic_virus": Material(Text(ja="腫瘍溶解性ウイルス", en="An oncolytic virus"), VECTOR),
    "plasmid": Material(Text(ja="プラスミド", en="A plasmid"), VECTOR),
    UNSTATED: Material(Text(ja="記載なし", en="Not stated"), CELLS | MODIFIED | VECTOR),
}
