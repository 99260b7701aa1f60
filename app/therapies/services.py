"""Adding and changing therapies, granting and revoking, and writing down outside reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, update

from app.access.actor import OrganisationKind
from app.access.scope import Scope
from app.audit import services as audit
from app.core import clock
from app.core.db import insert_missing, session, transaction
from app.core.errors import Changed, Forbidden, NotFound, Refused
from app.core.ids import id_of
from app.engine.definition.common import Text
from app.organisations import queries as organisations
from app.therapies import places, queries
from app.therapies.kinds import UNSTATED, classes, materials, pathway_of
from app.therapies.models import Grant, ReadLog, Therapy
from app.therapies.queries import Standing

MOST = 200  # therapies of one organisation; whoever sees many of them sees all at once


def add(
    scope: Scope,
    *,
    name_ja: str = "",
    name_en: str = "",
    product_class: str,
    material: str,
    indication_ja: str = "",
    indication_en: str = "",
    stage: str = "",
    because: str = "",
    organisation_id: str | None = None,
) -> str:
    """A new therapy of the person's own organisation; returns its id.

    ``stage`` is the state of the programme in which it stands today; how it came there is inferred and shown as such.
    ``because`` is how the person knows; Refused without it, except where every programme begins.
    """
    owner = organisation_id or next(iter(sorted(scope.own)), None)
    if owner is None or (not scope.everything and owner not in scope.own):
        raise Forbidden
    values = _checked(
        name_ja=name_ja,
        name_en=name_en,
        product_class=product_class,
        material=material,
        indication_ja=indication_ja,
        indication_en=indication_en,
    )
    with transaction():
        _must_have_room(owner)
        row = Therapy(organisation_id=owner, created_at=clock.now(), version=1, **values)
        session.add(row)
        session.flush()
        audit.record(scope.actor, "therapies:therapy:added", organisation_id=owner, subject_id=row.id, after=values)
        if stage:
            places.known().start(scope, row.id, stage, because)
    return row.id


def add_public(*, organisation_id: str, reference: str, names: Text, product_class: str) -> str:
    """A public precedent, known by its case; the one that is there already is kept. Returns its id."""
    if organisations.organisation(organisation_id).kind is not OrganisationKind.PUBLIC:
        raise Forbidden
    with transaction():
        found = session.scalar(select(Therapy).where(Therapy.reference == reference))
        if found:
            found.pathway = pathway_of(product_class, UNSTATED)  # one may have been shipped since
            return found.id
        row = Therapy(
            organisation_id=organisation_id,
            name_ja=names.ja,
            name_en=names.en,
            product_class=product_class,
            material=UNSTATED,
            pathway=pathway_of(product_class, UNSTATED),
            reference=reference,
            created_at=clock.now(),
            version=1,
        )
        session.add(row)
        session.flush()
        audit.record(
            None,
            "therapies:precedent:added",
            organisation_id=organisation_id,
            subject_id=row.id,
            after={"name": names.en},
        )
    return row.id


def edit(
    scope: Scope,
    therapy_id: str,
    *,
    version: int,
    name_ja: str = "",
    name_en: str = "",
    product_class: str,
    material: str,
    indication_ja: str = "",
    indication_en: str = "",
) -> None:
    """Change what a therapy is called and made of; raises Changed when somebody else saved in between.

    Another class is another pathway: it is refused where the recorded history could not have happened there.
    """
    values = _checked(
        name_ja=name_ja,
        name_en=name_en,
        product_class=product_class,
        material=material,
        indication_ja=indication_ja,
        indication_en=indication_en,
    )
    with transaction():
        before = queries.own(scope, therapy_id)
        if values["pathway"] != before.pathway and (reason := places.known().refusal(before, values["pathway"])):
            raise Refused(reason, field="material")
        done = session.execute(
            update(Therapy)
            .where(Therapy.id == therapy_id, Therapy.version == version)
            .values(**values, version=version + 1)
            .execution_options(synchronize_session=False)
        )
        if cast("CursorResult[Any]", done).rowcount != 1:
            raise Changed
        audit.record(
            scope.actor,
            "therapies:therapy:edited",
            organisation_id=before.organisation_id,
            subject_id=therapy_id,
            before={key: getattr(before, key) for key in values},
            after=values,
        )


def grant(scope: Scope, therapy_id: str, hub_id: str, until: dt.date | None = None) -> None:
    """The lead lets the hub of the company see a therapy, until the end of ``until`` or until it is revoked."""
    with transaction():
        therapy = _shared_by_lead(scope, therapy_id)
        hub = organisations.hub_of(scope, therapy.organisation_id)
        if hub is None or hub.id != hub_id:
            raise NotFound
        if until and until < clock.today():
            raise Refused(
                Text(
                    ja="最終日が過ぎています。今日以降の日を入力するか、空欄にしてください。",
                    en="The last day has passed. Give today or a later day, or leave it empty.",
                ),
                field="until",
            )
        if any(g.organisation_id == hub_id and g.in_force(clock.today()) for g in queries.grants(scope, therapy_id)):
            raise Refused(
                Text(
                    ja="すでに開示しています。最終日を変えるには、いったん取り消してから開示し直してください。",
                    en="It is shared already. To change the last day, revoke the grant and grant again.",
                ),
                field="until",
            )
        row = Grant(
            therapy_id=therapy_id,
            organisation_id=hub_id,
            granted_by=scope.actor.id if scope.actor else None,
            granted_at=clock.now(),
            until=until,
        )
        session.add(row)
        session.flush()
        audit.record(
            scope.actor,
            "therapies:grant:given",
            organisation_id=therapy.organisation_id,
            subject_id=therapy_id,
            after={"grant": row.id, "to": hub_id, "until": until.isoformat() if until else None},
        )


def revoke(scope: Scope, grant_id: str) -> str:
    """The lead takes a grant back; the next request of the hub finds nothing. Returns the therapy's id."""
    with transaction():
        row = session.scalar(select(Grant).where(Grant.id == grant_id, Grant.therapy_id.in_(queries.led_ids(scope))))
        if row is None:
            raise NotFound
        therapy = queries.own(scope, row.therapy_id)
        if row.revoked_at is None:
            row.revoked_at = clock.now()
            audit.record(
                scope.actor,
                "therapies:grant:revoked",
                organisation_id=therapy.organisation_id,
                subject_id=therapy.id,
                after={"grant": row.id, "to": row.organisation_id},
            )
    return therapy.id


def log_view(scope: Scope, therapy: queries.TherapyView, page: str) -> None:
    """Write down that somebody outside read ``page`` by a grant; reads of one's own or of the public leave no trace."""
    if therapy.standing is not Standing.GRANTED:
        return
    with transaction():
        hub = next((g for g in sorted(scope.hubs)), None)
        session.add(
            ReadLog(therapy_id=therapy.id, person_id=scope.person().id, organisation_id=hub, at=clock.now(), page=page)
        )


def log_list(scope: Scope, listed: Iterable[queries.TherapyView], page: str) -> None:
    """Write down that somebody outside saw therapies in a list: each at most once per person, list and day in Japan.

    ``queries.listed`` says of which it is written already; a list of those costs nothing here.
    """
    reader, hub, today = scope.person().id, next(iter(sorted(scope.hubs)), None), clock.today().isoformat()
    seen = {"person_id": reader, "organisation_id": hub, "at": clock.now(), "page": page}
    granted = sorted(therapy.id for therapy in listed if therapy.standing is Standing.GRANTED)
    rows = [{"id": id_of(reader, page, today, name), "therapy_id": name, **seen} for name in granted]
    if rows:
        with transaction():
            insert_missing(ReadLog, rows)


def _must_have_room(organisation_id: str) -> None:
    own = select(func.count()).select_from(Therapy).where(Therapy.organisation_id == organisation_id)
    if (session.scalar(own) or 0) >= MOST:
        raise Refused(
            Text(
                ja=f"一つの組織に登録できる開発品目は{MOST}件までです。さらに登録するには、別の部門などを組織として招待するよう、"
                "ハブに依頼してください。",
                en=f"An organisation may have {MOST} therapies. For more, ask the hub to invite another one, such as "
                "another division of yours.",
            ),
            field="name_ja",
        )


def _shared_by_lead(scope: Scope, therapy_id: str) -> queries.TherapyView:
    therapy = queries.own(scope, therapy_id)
    if not therapy.may_share and not scope.everything:
        raise NotFound
    return therapy


def _checked(
    *, name_ja: str, name_en: str, product_class: str, material: str, indication_ja: str, indication_en: str
) -> dict[str, Any]:
    if not (name_ja.strip() or name_en.strip()):
        raise Refused(Text(ja="名称を入力してください。", en="Please give a name."), field="name_ja")
    if material not in materials():
        raise Refused(Text(ja="一覧から選んでください。", en="Please choose one of the list."), field="material")
    if product_class not in classes():
        raise Refused(
            Text(
                ja="この分類の道筋はまだありません。一覧から選んでください。",
                en="There is no pathway for this class yet. Please choose one of the list.",
            ),
            field="product_class",
        )
    if product_class not in materials()[material].classes:
        raise Refused(
            Text(
                ja="「細胞・遺伝子の種類」と「分類」が合いません。どちらかを選び直してください。",
                en="This material and this class do not go together. Please choose one of them again.",
            ),
            field="material",
        )
    values = {
        "name_ja": name_ja,
        "name_en": name_en,
        "indication_ja": indication_ja,
        "indication_en": indication_en,
        "product_class": product_class,
        "material": material,
        "pathway": pathway_of(product_class, material),
    }
    return {key: value.strip() for key, value in values.items()}
