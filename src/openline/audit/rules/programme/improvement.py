"""What is learned from exercises and incidents."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import nothing_listed


@rule("AR-153", "high", serves="TST-01 PLN-11 MNT-04")
def action_overdue_or_repeated(g: Ground) -> Verdicts:
    """A corrective action is overdue, or the same fault came again.

    Why: areas needing improvement are to be improved [GSA; ISO 22301 10.1].
    Computed: due before the day of the audit and neither done nor cancelled; or it repeats another (repeat_of) and
    is not done and tried again.
    Fix: close it, try again whether it is mended, and name that exercise under retest.

        corrective_actions:
          - {id: fuel, due: 2027-02-28, status: open, owner_role: facilities-lead}
    """
    yield from nothing_listed(g.plan, "corrective_actions")
    for c in g.plan.corrective_actions.values():
        done = c.status in ("done", "cancelled")
        if c.repeat_of is not None and not (c.status == "done" and c.retest is not None):
            yield fail(c, f"{c.title} is the same fault again", c.repeat_of, at="repeat_of", status=c.status)
        elif not done and c.due is None:
            yield unknown(c, "due")
        elif not done and c.due is not None and c.due < g.as_of:
            yield fail(
                c, f"{c.title} is {(g.as_of - c.due).days} days overdue", at="due", overdue_d=(g.as_of - c.due).days
            )
        else:
            yield ok(c)


@rule("AR-167", "medium", serves="TST-07 MET-05")
def incident_without_review(g: Ground) -> Verdicts:
    """A serious incident was not reviewed.

    Why: it was the most expensive exercise of the year [ISO 22301 8.6, 9.1; HSEEP].
    Computed: level 2 or above (the highest that came into force where level_max is not stated), stood down over 60
    days ago, no report.
    Fix: review it, and write the after-action report.

        incidents:
          - {id: records-slow, level_max: 2, report_on: 2026-07-21}
    """
    for i in g.plan.incidents.values():
        level = max((c.level for c in i.levels), default=None) if i.level_max is None else i.level_max
        if level is None:
            yield unknown(i, "level_max")
        elif level < 2 or i.report_on is not None:
            yield ok(i)
        elif i.stamps.stood_down is None:
            yield unknown(i, "stamps.stood_down")
        elif (g.as_of - i.stamps.stood_down.date()).days > g.limits.incident_report_d:
            age = (g.as_of - i.stamps.stood_down.date()).days
            yield fail(i, f"{i.title} ended {age} days ago and was not reviewed", at="report_on", age_d=age)
        else:
            yield ok(i)
