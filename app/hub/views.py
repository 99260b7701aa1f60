"""The pipeline of the hub."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for

from app.core import clock
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.hub import queries
from app.hub.queries import Order
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
    stage, only_late = request.args.get("stage", ""), request.args.get("late") == "1"
    every = queries.pipeline(scope(), today, "hub.pipeline")
    rows = queries.arranged(every, order=order, stage=stage, only_late=only_late, language=language())
    pages = Pagination.of(request.args.get("page", 1, int), PER_PAGE, len(rows), _page(order, stage, only_late))
    rows, soonest = queries.filled(scope(), pages.cut(rows), today, days=28, most=8)
    therapies.log_list(scope(), [row.therapy for row in every if not row.logged], "hub.pipeline")
    return render_template(
        "hub/pipeline.html",
        every=every,
        rows=rows,
        pages=pages,
        stages=queries.stages(every),
        stage=stage,
        only_late=only_late,
        late=sum(row.is_late for row in every),
        columns=_columns(order, stage, only_late),
        dates={row.therapy.id: boards.date_view(row.next, language(), why=False) for row in rows if row.next},
        board=boards.to_read(
            boards.departure_board(soonest, today, language(), heading=_("Departure board of the hub"))
        ),
        companies=Link(_("Companies of the hub"), url_for("organisations.companies")),
    )


def _page(order: Order, stage: str, only_late: bool) -> Callable[[int], str]:
    chosen: dict[str, Any] = {"sort": order, "stage": stage or None, "late": "1" if only_late else None}
    return lambda number: url_for("hub.pipeline", page=number, **chosen)


def _columns(order: Order, stage: str, only_late: bool) -> list[Column]:
    def head(key: Order, label: str) -> Column:
        address = url_for("hub.pipeline", sort=key, stage=stage or None, late="1" if only_late else None)
        return Column(label, sort=address, sorted="ascending" if key is order else None)

    return [
        head(Order.NAME, _("Therapy")),
        head(Order.COMPANY, _("Company")),
        head(Order.STAGE, _("Stage now")),
        head(Order.NEXT, _("Next date")),
        head(Order.LATE, _("Slack")),
    ]
