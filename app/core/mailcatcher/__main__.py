"""``python -m app.core.mailcatcher``: runs the mail catcher until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import signal
import socket
import threading
from pathlib import Path

from app.config import Settings
from app.core.mailcatcher.inbox import Inbox, smtp_side
from app.core.mailcatcher.pages import serve_pages


def loopback(host: str) -> str:
    """``host`` if it is an address of this machine alone; the mails hold ways to sign in."""
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{host}: the mail catcher listens on a loopback address only, such as 127.0.0.1")


def listening(host: str, port: int, number: int | None) -> socket.socket:
    """The socket that came with this process under ``number``, or else one on ``port``."""
    if number is not None:
        return socket.socket(fileno=number)
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


async def catch(inbox: Inbox, mails: socket.socket, page: socket.socket) -> None:
    """Take mails and show them until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    pages = serve_pages(inbox, page)
    smtp = await loop.create_server(lambda: smtp_side(inbox), sock=mails)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    try:
        await stop.wait()
    finally:
        smtp.close()
        pages.shutdown()
        pages.server_close()


def main() -> None:
    """Read the command line, whose defaults are the program's settings."""
    settings = Settings()
    parser = argparse.ArgumentParser(prog="mailcatcher", description=__doc__)
    parser.add_argument("--host", type=loopback, default=settings.mail_host)
    parser.add_argument("--smtp-port", type=int, default=settings.mail_port)
    parser.add_argument("--web-port", type=int, default=settings.mail_web_port)
    parser.add_argument("--smtp-socket", type=int, help="number of a socket that listens already, instead of a port")
    parser.add_argument("--web-socket", type=int, help="the same for the page")
    parser.add_argument("--folder", type=Path, default=settings.var / "mail")
    given = parser.parse_args()
    try:
        mails = listening(given.host, given.smtp_port, given.smtp_socket)
        page = listening(given.host, given.web_port, given.web_socket)
        for one in (mails, page):
            loopback(one.getsockname()[0])
        asyncio.run(catch(Inbox(given.folder), mails, page))
    except (OSError, argparse.ArgumentTypeError) as error:
        parser.exit(1, f"The mail catcher could not start: {error}\n")


if __name__ == "__main__":
    main()
