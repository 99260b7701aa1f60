"""The names of what can be allowed; each is the answer to 'may this person …?'."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What a route does, in the words of the audit."""

    PUBLIC = "public"
    SECRET = "secret"  # noqa: S105 — whoever holds the secret in the address, such as an invited person
    ACCOUNT = "account"
    THERAPY_READ = "therapy:read"
    PLAN_READ = "plan:read"  # what people work on, and a published precedent has not
    THERAPY_WRITE = "therapy:write"
    THERAPY_SHARE = "therapy:share"
    PRECEDENT_READ = "precedent:read"
    RULES_READ = "rules:read"
    RULES_KEEP = "rules:keep"
    RULES_APPOINT = "rules:appoint"
    HUB_READ = "hub:read"
    HUB_INVITE = "hub:invite"
    DEMO = "demo"
