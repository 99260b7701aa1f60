"""Frozen, typed definitions of what a regulator can change; the data itself lives in ``workflows/``."""
