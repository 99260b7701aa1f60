"""The bounds within which foreign PDFs are read, wherever in the program; they hold for the whole process."""

from __future__ import annotations

import threading

STREAM_BYTES = 256 * 2**20  # one compressed stream, unpacked
CONTAINER = 1_000_000  # entries of one array or dictionary

_guard = threading.Lock()
_guarded: set[int] = set()


def guard(stream_bytes: int = STREAM_BYTES) -> None:
    """Bound the memory that one compressed stream may unpack to. Call before opening a file."""
    import pikepdf  # noqa: PLC0415 — read where a file comes, not at every start

    with _guard:
        if stream_bytes not in _guarded:
            _guarded.clear()
            _guarded.add(stream_bytes)
            pikepdf.settings.set_qpdf_limits(
                doc_max_warnings=1000,
                parser_max_container_size=CONTAINER,
                dct_max_memory=stream_bytes,
                flate_max_memory=stream_bytes,
                png_max_memory=stream_bytes,
                run_length_max_memory=stream_bytes,
                tiff_max_memory=stream_bytes,
            )
