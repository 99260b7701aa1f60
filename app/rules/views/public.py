"""What everybody may read: every definition with its mark, its sources, and whether it was verified."""

from __future__ import annotations

from flask import render_template, request

from app.core import clock
from app.core.errors import NotFound
from app.core.i18n import language
from app.rules import diagrams, editions, groups, pages
from app.rules.views.room import blueprint, reader
from app.web.guard import scope

LONGEST_SEARCH = 100
MOST_FOUND = 60


@blueprint.get("/rules")
def index() -> str:
    """What there is, and what was searched for."""
    words, mine = request.args.get("q", "").strip()[:LONGEST_SEARCH], reader()
    found = pages.search(mine, words) if words else []
    return render_template(
        "rules/index.html",
        counts=pages.counts(mine),
        wanted=words,
        found=found[:MOST_FOUND],
        more=max(0, len(found) - MOST_FOUND),
        count=len(found),
        changes=len(mine.of("changes")),
        questions=sum(len(rows) for rows in pages.questions().values()),
        sources=len(pages.sources(language())),
    )


@blueprint.get("/rules/<group>")
def group(group: str) -> str:
    """The entries of one group, or its definitions where each has a page of its own."""
    mine = reader()
    if group in groups.WITH_PAGES:
        return render_template(
            "rules/headings.html", group=group, names=groups.NAMES[group], headings=pages.headings(mine, group)
        )
    rows = pages.group(mine, group)
    return render_template(
        "rules/group.html", group=group, names=groups.NAMES[group], rows=rows, opened=len(rows) <= pages.OPEN_UP_TO
    )


@blueprint.get("/rules/<group>/<key>")
def one(group: str, key: str) -> str:
    """One machine, one pathway or one kind of consultation."""
    if group not in groups.WITH_PAGES:
        raise NotFound
    page = pages.page(reader(), group, key)
    return render_template(
        "rules/one.html",
        page=page,
        group_names=groups.NAMES[group],
        opened=len(page.rows) <= pages.OPEN_UP_TO,
        diagrams=diagrams.of(group, key, language()),
    )


@blueprint.get("/rules/changes")
def changes() -> str:
    """How the law changed and will change, with the line of today."""
    rows = pages.log(reader(), clock.today())
    return render_template(
        "rules/changes.html",
        past=[row for row in rows if row.past],
        ahead=[row for row in rows if not row.past],
        waiting=editions.to_come(scope()),
    )


@blueprint.get("/rules/questions")
def questions() -> str:
    """What nobody has confirmed yet."""
    return render_template("rules/questions.html", areas=pages.questions())


@blueprint.get("/rules/sources")
def sources() -> str:
    """Every source of a regulatory fact, with the day it was read; with words, only those that hold them."""
    wanted = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    groups = pages.sources_by_tier(language(), wanted)
    count = sum(len(rows) for _tier, rows in groups)
    return render_template("rules/sources.html", groups=groups, count=count, wanted=wanted)
