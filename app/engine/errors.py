"""What can go wrong in the engine; every error says where and what to do."""

from __future__ import annotations


class EngineError(Exception):
    """The base of all errors that the engine raises on purpose."""


class DefinitionError(EngineError):
    """A file in ``workflows/`` is not as it must be.

    ``file`` is relative to the folder of definitions, ``line`` starts at 1.
    """

    def __init__(self, file: str, line: int | None, problem: str, remedy: str) -> None:
        self.file, self.line, self.problem, self.remedy = file, line, problem, remedy
        place = f"{file}:{line}" if line else file
        super().__init__(f"{place}: {problem}. {remedy}")


class CalendarRangeError(EngineError):
    """A day lies outside the years of the calendar table; a missing year is never taken as 'no holidays'."""


class ContradictionError(EngineError):
    """The rules of a plan contradict each other or run in a ring; ``milestones`` names those involved."""

    def __init__(self, milestones: tuple[str, ...], problem: str) -> None:
        self.milestones = milestones
        super().__init__(f"{problem}: {' → '.join(milestones)}")


class UnknownDefinitionError(EngineError):
    """A name that no definition in ``workflows/`` has; the message lists those that exist."""
