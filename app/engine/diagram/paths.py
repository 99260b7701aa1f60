"""The lines between stations, and the bent paths of transfers; the same for both directions of time."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.diagram.model import Standing, StretchKind

Piece = tuple[StretchKind, float, float]  # kind, from, to: along the direction of time


def pieces(stops: Sequence[tuple[float, Standing]], now: float, *, ended: bool = False) -> list[Piece]:
    """The line of a lane: travelled, waiting at the present station until today, then as sure as the next stop.

    A line that has ``ended`` waits for nothing.
    """
    found: list[Piece] = []
    for i, (at, standing) in enumerate(stops):
        following = stops[i + 1] if i + 1 < len(stops) else None
        end = following[0] if following else at
        leaves = at
        if standing is Standing.CURRENT and not ended:
            leaves = max(at, min(now, end) if following else now)
            found.append((StretchKind.WAITING, at, leaves))
        if following:
            kind = StretchKind.TRAVELLED if following[1].past else StretchKind(following[1].value)
            found.append((kind, leaves, end))
    return [piece for piece in found if piece[2] > piece[1]]


def bent(start: tuple[float, float], channel: float, end: tuple[float, float]) -> str:
    """SVG path data: vertical to the channel, along it, vertical again; with round corners."""
    (x1, y1), (x2, y2) = start, end
    if abs(x2 - x1) < 1:
        return f"M{x1:.1f} {y1:.1f}V{y2:.1f}"
    r = min(8.0, abs(x2 - x1) / 2)
    side, way = (1 if x2 > x1 else -1), (-1 if y2 < y1 else 1)
    return (
        f"M{x1:.1f} {y1:.1f}V{channel - way * r:.1f}Q{x1:.1f} {channel:.1f} {x1 + side * r:.1f} {channel:.1f}"
        f"H{x2 - side * r:.1f}Q{x2:.1f} {channel:.1f} {x2:.1f} {channel + way * r:.1f}V{y2:.1f}"
    )
