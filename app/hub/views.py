"""The pipeline of the hub."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for

from app.core import clock
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.hub import queries
from app.hub.queries import Choice, Order
from app.schedule import boards
from app.therapies import services as therapies
from app.web.components import Link
from app.web.guard import scope
from app.web.lists import Column, Pagination

blueprint = Blueprint("hub", __name__, template_folder="templates")
PER_PAGE = 50  # therapies on one page: a hub has some hundred of them


@blueprint.get("/hub")
def pipeline() -> str:
    """Every granted therapy with its station, its next date and its slack."""
    today = clock.today()
    order = Order(request.args["sort"]) if request.args.get("sort") in set(Order) else Order.LATE
    given = request.args
    choice = Choice(given.get("stage", ""), given.get("late") == "1", given.get("conflicts") == "1")
    every = queries.pipeline(scope(), today, "hub.pipeline")
    rows = queries.arranged(every, order=order, choice=choice, language=language())
    pages = Pagination.of(request.args.get("page", 1, int), PER_PAGE, len(rows), _page(order, choice))
    rows, soonest = queries.filled(scope(), pages.cut(rows), today, days=28, most=8)
    therapies.log_list(scope(), [row.therapy for row in every if not row.logged], "hub.pipeline")
    return render_template(
        "hub/pipeline.html",
        every=every,
        rows=rows,
        pages=pages,
        stages=queries.stages(every),
        choice=choice,
        late=sum(row.is_late for row in every),
        conflicts=sum(bool(row.conflicts) for row in every),
        columns=_columns(order, choice),
        dates={row.therapy.id: boards.date_view(row.next, language(), why=False) for row in rows if row.next},
        board=boards.to_read(
            boards.departure_board(soonest, today, language(), heading=_("Departure board of the hub"))
        ),
        companies=Link(_("Companies of the hub"), url_for("organisations.companies")),
    )


def _chosen(choice: Choice) -> dict[str, str | None]:
    """A choice as an address says it."""
    return {
        "stage": choice.stage or None,
        "late": "1" if choice.late else None,
        "conflicts": "1" if choice.conflicts else None,
    }


def _page(order: Order, choice: Choice) -> Callable[[int], str]:
    chosen: dict[str, Any] = {"sort": order, **_chosen(choice)}
    return lambda number: url_for("hub.pipeline", page=number, **chosen)


def _columns(order: Order, choice: Choice) -> list[Column]:
    def head(key: Order, label: str) -> Column:
        chosen: dict[str, Any] = {"sort": key, **_chosen(choice)}
        address = url_for("hub.pipeline", **chosen)
        return Column(label, sort=address, sorted="ascending" if key is order else None)

    return [
        head(Order.NAME, _("Therapy")),
        head(Order.COMPANY, _("Company")),
        head(Order.STAGE, _("Stage now")),
        head(Order.NEXT, _("Next date")),
        head(Order.LATE, _("Slack")),
    ]
