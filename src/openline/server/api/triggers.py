"""The door of triggers: a monitor says that its sign has come, and the plan says what follows."""

from django.http import HttpRequest
from ninja import Schema, Status
from pydantic import Field

from openline.incident.command import OPEN, SYSTEM, Actor
from openline.incident.opening import DeclareLevel, Report
from openline.plan.document import Plan
from openline.plan.monitoring import Trigger
from openline.plan.record import Slug, Text
from openline.server.accounts.store import record as log_act
from openline.server.api.acting import Key, own
from openline.server.api.door import door, slow_down
from openline.server.api.problems import AmbiguousTrigger, NoSuchTrigger
from openline.server.api.shown import Declared, shown
from openline.server.incidents import acting, store
from openline.server.incidents.models import Incident, Line
from openline.server.plans.models import Revision
from openline.server.plans.store import centres, plan_of


class Sign(Schema):
    """What a monitor saw."""

    centre: Slug | None = Field(None, description="Needed when several centres have a trigger of this name.")
    value: float | None = Field(None, allow_inf_nan=False, description="What was measured.")
    note: Text = ""
    objects: list[Slug] = Field(default_factory=list, max_length=500, description="What is hit, when it is known.")
    exercise: bool = False


@door("POST", "/triggers/{trigger}", "declare", Declared, "Say that a trigger's sign has come", status=201, tag="feeds")
def pull_trigger(request: HttpRequest, trigger: str, body: Sign, idempotency_key: Key) -> "Status[Declared]":
    """With the authority `automatic` the trigger's level is declared at once; with any other the sign is reported and
    the duty officer is called. While an incident that the trigger opened is under way, that one is answered."""
    slow_down(request)
    revision, found = _trigger(trigger, body.centre)
    plan = plan_of(revision)
    is_automatic = found.authority == "automatic"
    who = SYSTEM if is_automatic else acting.actor(request, plan)
    opened = under_way(revision.slug, found.id, exercise=body.exercise)
    is_new = opened is None
    incident = opened or _report(request, revision, plan, found, body, who, idempotency_key)
    level = plan.levels[found.level].number if found.level in plan.levels else 0
    if is_automatic and level > incident.level:
        store.carry_out(incident, DeclareLevel(level=level, reason=f"trigger {found.id}"), SYSTEM)
    log_act(request, "pulled a trigger", slug=revision.slug, about=f"{found.id} {incident.ref}")
    return Status(
        201, Declared(incident=shown(store.incident(incident.pk)), is_new=is_new, level=incident.level, refused="")
    )


def under_way(slug: str, trigger: str, *, exercise: bool) -> Incident | None:
    """Return the incident under way that a trigger opened; None when there is none."""
    first = Line.objects.filter(
        seq=1,
        key__startswith=f"trigger/{slug}/{trigger}/",
        incident__phase__in=OPEN,
        incident__is_exercise=exercise,
    )
    line = first.select_related("incident__revision").order_by("-pk").first()
    return line.incident if line is not None else None


def _trigger(name: str, centre: str | None) -> tuple[Revision, Trigger]:
    found = [(r, plan_of(r).triggers.get(name)) for r in centres() if centre in (None, r.slug)]
    has = [(r, t) for r, t in found if t is not None]
    if len(has) == 1:
        return has[0]
    if has:
        raise AmbiguousTrigger(
            f"Several centres have this trigger: say centre, one of {', '.join(r.slug for r, _ in has)}."
        )
    raise NoSuchTrigger("No plan in force has this trigger: GET /api/v1/plans lists those there are.")


def _report(
    request: HttpRequest, revision: Revision, plan: Plan, t: Trigger, body: Sign, who: Actor, key: str
) -> Incident:
    monitor = plan.monitors.get(t.monitor or "")
    objects = tuple(body.objects) or ((monitor.object,) if monitor is not None and monitor.object else ())
    measured = f" {t.metric or 'measured'}: {body.value:g} {t.unit or ''}".rstrip() if body.value is not None else ""
    sign = Report(
        title=t.title[:200],
        what=f"Trigger {t.id}.{measured} {body.note}".strip()[:4000],
        how="trigger",
        exercise=body.exercise,
        plan_slug=revision.slug,
        plan_hash=revision.content_hash,
        objects=objects,
        scenario=t.scenarios[0] if len(t.scenarios) == 1 else None,
    )
    count = Line.objects.filter(seq=1, key__startswith=f"trigger/{revision.slug}/{t.id}/").count()
    once = f"trigger/{revision.slug}/{t.id}/{own(request, key) or count + 1}"
    return store.report(revision, sign, who, key=once)
