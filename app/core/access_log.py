"""The access log of the web server. Some addresses are secrets: whoever reads the log must not be able to use them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gunicorn.glogging import Logger

from app.core.addresses import without_secrets

_WITH_ADDRESSES = ("r", "U", "f", "q", "{referer}i", "{raw_uri}e", "{request_uri}e", "{path_info}e", "{http_referer}e")


class AccessLog(Logger):  # type: ignore[misc]
    """Gunicorn's own log, without the secret part of addresses, wherever a format shows one."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: dt.timedelta) -> dict[str, Any]:
        """What a line of the log may show."""
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return found | {key: without_secrets(str(found[key])) for key in _WITH_ADDRESSES if found.get(key)}
