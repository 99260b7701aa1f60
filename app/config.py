"""All settings of the program in one place; every error in them is reported at start, none later."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[1]
DEMO_PASSWORD = "shirube-demo-only"  # noqa: S105 — public on purpose: it opens nothing but the demo
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseSettings):
    """Settings, from environment variables ``SHIRUBE_…`` or their defaults, which serve a machine of one's own."""

    model_config = SettingsConfigDict(env_prefix="SHIRUBE_", frozen=True, extra="forbid")

    var: Path = Field(default=ROOT / "var", description="Folder of everything that changes: database, files, mails.")
    database_url: str = Field(
        default="", description="``postgresql://…`` or ``sqlite:///…``; empty means SQLite in ``var``."
    )
    secret_key: str = Field(default="", description="Key of signatures; empty means one kept in ``var``.")
    demo: bool = Field(default=False, description="The demo hub: sign-ins are shown, only loopback may connect.")
    host: str = Field(default="127.0.0.1", description="Address on which the web server listens.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port on which the web server listens.")
    public_url: str = Field(default="", description="Address that links in mails start with, without a final slash.")
    proxies: int = Field(default=0, ge=0, description="Reverse proxies in front, each adding to X-Forwarded-For.")
    https: bool = Field(default=False, description="Served over TLS: secure cookies and strict transport.")

    mail_transport: Literal["smtp", "file", "memory"] = Field(default="smtp", description="How mails leave.")
    mail_host: str = Field(default="127.0.0.1", description="SMTP server.")
    mail_port: int = Field(default=8025, ge=1, le=65535, description="Port of the SMTP server.")
    mail_starttls: bool = Field(default=False, description="Ask the SMTP server for TLS and refuse to go without.")
    mail_user: str = Field(default="", description="SMTP account, if the server asks for one.")
    mail_password: str = Field(default="", description="Password of the SMTP account.")
    mail_from: str = Field(default="Shirube <shirube@localhost>", description="Sender of every mail.")
    mail_web_port: int = Field(default=8026, ge=1, le=65535, description="Web inbox of the local mail catcher.")

    clock_file: Path | None = Field(default=None, description="File that moves the clock of all processes (demo).")
    tick_seconds: float = Field(default=20, gt=0, description="How often the worker looks for due work, in seconds.")
    lease_seconds: float = Field(
        default=30, gt=0, description="A worker without a sign of life for so long is taken for dead, in seconds."
    )
    upload_megabytes: int = Field(default=60, ge=1, description="Largest file that a person may attach, in MB.")
    session_idle_minutes: int = Field(default=12 * 60, ge=5, description="A sign-in ends after so much silence.")
    session_days: int = Field(default=14, ge=1, description="A sign-in ends after so many days at the latest.")

    @field_validator("database_url")
    @classmethod
    def _of_a_known_kind(cls, given: str) -> str:
        """PostgreSQL is always spoken to through psycopg 3, however the address is written."""
        kind, colon, rest = given.partition("://")
        if kind in {"postgres", "postgresql"} and colon:
            return f"postgresql+psycopg://{rest}"
        if given and kind not in {"sqlite", "postgresql+psycopg"}:
            raise ValueError("SHIRUBE_DATABASE_URL: only postgresql://… and sqlite:///… are known")
        return given

    @model_validator(mode="after")
    def _demo_stays_at_home(self) -> Self:
        if self.demo and self.host not in LOOPBACK:
            raise ValueError("SHIRUBE_DEMO: the demo sign-ins are public, so the demo listens on loopback only")
        if self.demo and (self.proxies or self.https or self.public_url):
            raise ValueError(
                "SHIRUBE_DEMO: the demo sign-ins are public, so there is none where SHIRUBE_PROXIES, SHIRUBE_HTTPS or "
                "SHIRUBE_PUBLIC_URL says that others come in"
            )
        return self

    @property
    def database(self) -> str:
        """The SQLAlchemy address in use."""
        return self.database_url or f"sqlite:///{self.var / 'shirube.db'}"

    @property
    def files(self) -> Path:
        """Folder of attached and rendered files, stored under their SHA-256."""
        return self.var / "files"

    @property
    def clock(self) -> Path | None:
        """The file that moves the clock, or none where time is real."""
        return self.clock_file or (self.var / "clock" if self.demo else None)

    @property
    def base_url(self) -> str:
        """What links in mails start with."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def key(self) -> str:
        """The secret key: as set, or made once and kept in ``var`` for its owner's eyes only."""
        if self.secret_key:
            return self.secret_key
        path = self.var / "secret_key"
        if not path.exists():
            self.var.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_suffix(f".{secrets.token_hex(4)}")
            draft.touch(mode=0o600)
            try:
                with draft.open("w") as file:
                    file.write(secrets.token_urlsafe(48))
                    file.flush()
                    os.fsync(file.fileno())
                path.hardlink_to(draft)  # the first process wins, the others read its key
            except FileExistsError:
                pass
            finally:
                draft.unlink(missing_ok=True)
        found = path.read_text().strip()
        if not found:
            raise ValueError(f"{path} is empty: bring the key back from a backup, or delete the file for a new key")
        return found
