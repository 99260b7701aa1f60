"""Backups: one file that holds one state of the database and every file that it names, made while everything runs."""

from __future__ import annotations


class CannotError(Exception):
    """A backup cannot be made or restored; the text says why and what to do. Nothing was changed."""
