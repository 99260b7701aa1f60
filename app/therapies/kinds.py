"""What a therapy can be: product classes and materials as the rules have them, and the pathway they lead to."""

from __future__ import annotations

from app.engine.definition.common import Text
from app.engine.definition.material import Material
from app.engine.library import shipped

UNSTATED = "unstated"  # of a public precedent


def classes() -> dict[str, Text]:
    """The product classes that some shipped pathway is for, by their codes."""
    return {key: names for pathway in shipped().pathways.values() for key, names in pathway.classes.items()}


def materials() -> dict[str, Material]:
    """Everything that a therapy of these classes can be made of."""
    known = classes().keys()
    return {key: one for key, one in shipped().materials.items() if known & set(one.classes)}


def offered() -> dict[str, dict[str, Text]]:
    """What a person may choose from: materials by their product class."""
    found = {key: one for key, one in materials().items() if one.offered}
    return {
        product_class: {key: one.names for key, one in found.items() if product_class in one.classes}
        for product_class in classes()
    }


def class_of(material: str) -> str:
    """The product class of something made of this material; empty for one that nobody may choose."""
    return next((key for key, group in offered().items() if material in group), "")


def pathway_of(product_class: str, material: str) -> str:
    """The key of the pathway; empty where none is shipped for that class."""
    found = shipped().for_class(product_class, material)
    return found.key if found else ""
