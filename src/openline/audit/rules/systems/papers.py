"""Where the plan itself lies when it is needed."""

from collections.abc import Iterator

from openline.audit.copies import takes_all
from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names
from openline.plan.programme import Document, PlanDocument
from openline.plan.scenarios import Scenario

Kept = tuple[Document | PlanDocument, tuple[str, ...], list[str | None]]
"""A paper, the systems and sites that hold it, and the sites of its offline copies, None at somebody's home."""


@rule("AR-074", "critical", serves="TEC-06 COM-05")
def plan_out_of_reach_when_needed(g: Ground) -> Verdicts:
    """The plan or the contact list can not be reached in the scenario it is for.

    Why: the plan must survive what it is for: printed and off-site copies [domain R52].
    Computed: for each plan and contact list and each scenario: every copy lies on a system that the scenario takes down
    or that nobody can sign on to then, or at a site that it closes, and no offline copy lies elsewhere. Where a plan
    has no paper of its own, the places where it is stored count. The same for each procedure of the scenario's
    playbook, where no printed plan is left either.
    Fix: offline copies at other places, such as at home with each commander.

        documents:
          - {id: printed-plan, kind: plan, stored_on: [file-share],
             offline_copies: [{place: At home with each commander}]}
    """
    papers = list(_papers(g))
    if not papers:
        yield unknown(
            g.plan.organization, why="where the plan and the contact list are kept is not in the plan (documents)"
        )
    for d, stored, copies in papers:
        if not stored and not copies:
            yield unknown(d, "stored_on", "offline_copies")
            continue
        drowned = [s for s in g.plan.scenarios.values() if takes_all(g, s, stored, copies)]
        if not drowned and copies:
            yield ok(d)
        elif drowned:
            message = f"in {names(list(drowned))} no copy of {d.title} can be reached"
            at = "offline_copies" if isinstance(d, Document) else "stored_on"
            yield fail(d, message, *(s.id for s in drowned), at=at, copies=len(copies))
        elif not g.plan.scenarios:
            yield unknown(d, why="the plan lists no scenarios, so what takes the copies away is not known")
        else:
            yield ok(d)
    yield from _playbooks(g)


def _playbooks(g: Ground) -> Verdicts:
    """Yield the procedures that can not be opened in a scenario whose playbook they are in."""
    lost: dict[str, list[Scenario]] = {}
    for s in g.plan.scenarios.values():
        for p in (g.plan.procedures[i] for i in s.playbook):
            only_there = bool(p.stored_on) and not p.offline_location.strip() and not _printed(g, s)
            if only_there and takes_all(g, s, p.stored_on, []):
                lost.setdefault(p.id, []).append(s)
    for name, scenarios in lost.items():
        p = g.plan.procedures[name]
        message = f"in {names(list(scenarios))} {p.title} can not be opened"
        yield fail(p, message, *(s.id for s in scenarios), at="stored_on")


def _printed(g: Ground, s: Scenario) -> bool:
    """Tell whether a printed plan or runbook is left in a scenario."""
    closed = g.closed_in(s)
    papers = [d for d in g.plan.documents.values() if d.kind in ("plan", "runbook")]
    return any(c.site is None or c.site not in closed for d in papers for c in d.offline_copies)


def _papers(g: Ground) -> Iterator[Kept]:
    """Yield plans and contact lists with all places where each lies; papers of one plan are copies of it.

    A paper that names no plan is of the only one there is.
    """
    only = next(iter(g.plan.plans)) if len(g.plan.plans) == 1 else None
    papers = [d for d in g.plan.documents.values() if d.kind in ("plan", "contact_list")]
    of = {d.id: d.object or only for d in papers if d.kind == "plan"}
    for d in papers:
        plan = g.plan.plans.get(of.get(d.id) or "")
        same = [o for o in papers if plan is not None and of.get(o.id) == plan.id] or [d]
        stored = [i for o in same for i in o.stored_on] + list(plan.stored_on if plan is not None else ())
        yield d, tuple(dict.fromkeys(stored)), [c.site for o in same for c in o.offline_copies]
    if None not in of.values():
        yield from ((p, p.stored_on, []) for p in g.plan.plans.values() if p.stored_on and p.id not in of.values())
