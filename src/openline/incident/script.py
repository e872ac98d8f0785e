"""A scripted incident that a visitor drives scene by scene: the same commands that people give, and nothing is sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openline.incident import (
    arrangements,
    closing,
    damage,
    decisions,
    messages,
    opening,
    paging,
    record,
    restoration,
    roll_call,
    sitrep,
    task_list,
    tasks,
)
from openline.incident.aid import AidAnswers
from openline.incident.approval import GiveApproval
from openline.incident.authority import declarers
from openline.incident.command import Actor, Command
from openline.incident.state import FINISHED, State
from openline.plan.document import Plan
from openline.plan.incidents import Estimate

Wish = tuple[Command, Actor]


@dataclass(frozen=True, slots=True)
class Scene:
    """One step of the script: what a visitor reads, and what happens when they press the button."""

    title: str
    says: str
    play: Callable[[State, Plan], Iterator[Wish]]


def site_of(plan: Plan) -> str | None:
    """Return the site on which the script plays: the one with most agent groups; None when the plan has none."""
    groups = [g.site for g in plan.agent_groups.values() if g.site]
    return max(dict.fromkeys(groups), key=groups.count, default=None)


def is_playable(plan: Plan) -> bool:
    """Tell whether a plan has what the script needs: a site with agents, and somebody who may declare level 3."""
    return site_of(plan) is not None and bool(declarers(plan, 3)) and bool(plan.persons)


def commander(plan: Plan, *, second: bool = False) -> Actor:
    """Return somebody who may declare level 3, or another one."""
    role = declarers(plan, 3)[0]
    name = f"{plan.roles[role].title}{' (deputy)' if second else ''}"
    return Actor(f"{name}, played by the script", f"script:{'second' if second else 'first'}", role=role)


def first_report(plan: Plan, slug: str, plan_hash: str) -> opening.Report:
    """Return the report with which the script begins."""
    site = site_of(plan) or ""
    title = f"Gas leak near {plan.sites[site].title}"
    what = "The fire brigade has closed the street. Everybody must leave the building."
    return opening.Report(
        title=title, what=what, how="demo", demo=True, plan_slug=slug, plan_hash=plan_hash, objects=(site,)
    )


def _answered(state: State, plan: Plan) -> Iterator[Wish]:
    for page in list(state.pages.values()):
        if page.ask == "acknowledge" and page.state == "open":
            person = page.rungs[0][0]
            yield paging.AcknowledgePage(page=page.id, person=person, how="code"), Actor(person, f"script:{person}")


def _judged(state: State, plan: Plan) -> Iterator[Wish]:
    who = commander(plan)
    answers = AidAnswers(
        danger="yes", site_lost="yes", queues_hit="several", below_minimum="yes", lasts_over_rto="unknown"
    )
    yield opening.AnswerAid(answers=answers), who
    yield opening.DeclareLevel(level=3, reason="People are in danger and the building can not be used"), who


def _counted(state: State, plan: Plan) -> Iterator[Wish]:
    yield from _answered(state, plan)
    who = commander(plan)
    yield roll_call.OpenRollCall(title="Who is safe?"), who
    people = [p.id for p in plan.persons.values() if p.status == "active"]
    for n, person in enumerate(people):
        if n % 7 == 3:
            continue
        helped = n == 1
        yield (
            roll_call.ReportPerson(
                person=person,
                safe="needs_help" if helped else "safe",
                able=not helped,
                where="elsewhere" if helped else ("home" if n % 2 else "elsewhere"),
                kit=bool(n % 2),
                note="Breathless, with the ambulance" if helped else "",
                source="link",
            ),
            Actor(person, f"script:{person}"),
        )


def _listed(state: State, plan: Plan) -> Iterator[Wish]:
    who = commander(plan)
    yield task_list.AssembleTasks(), who
    for task in list(state.tasks.values()):
        if task.safety and task.state not in FINISHED:
            yield tasks.CompleteTask(task=task.id, result="done"), who


def _chosen(state: State, plan: Plan) -> Iterator[Wish]:
    who = commander(plan)
    yield (
        decisions.OpenDecision(
            question="How do we answer calls until the building is open?",
            options=("Call the partner out", "Send people home", "Announcement only"),
        ),
        who,
    )
    yield (
        decisions.MakeDecision(
            decision=f"decision-{len(state.decisions)}",
            choice="Send people home",
            why="Most have their kit, and it works soonest",
        ),
        who,
    )
    useful = [a.id for a in plan.arrangements.values() if a.option in ("remote_work", "partner_overflow")]
    for arrangement in useful[:2]:
        yield arrangements.InvokeArrangement(arrangement=arrangement, reason="as decided"), who


FACTS = {
    "what": "Our office had to be left because of a gas leak nearby",
    "since": "this morning",
    "effect": "Waiting times are longer than usual.",
    "doing": "Our people go on from home",
    "ask": "Please call later if it can wait",
    "next_update": "the next full hour",
    "contact": "our web page",
}


def _told(state: State, plan: Plan) -> Iterator[Wish]:
    who = commander(plan)
    template = next((t for t in plan.templates.values() if t.audience == "customers" and t.languages), None)
    if template is None:
        return
    language = next(iter(template.languages))
    yield messages.DraftMessage(template=template.id, language=language, slots=FACTS), who
    name = f"message-{len(state.messages)}"
    role = template.approver or who.role
    yield (
        messages.ApproveMessage(message=name),
        Actor("Communications, played by the script", "script:words", role=role),
    )
    yield messages.ReleaseMessage(message=name, next_update_in_s=3600), who


def _assessed(state: State, plan: Plan) -> Iterator[Wish]:
    site = site_of(plan) or ""
    found = damage.AssessDamage(
        object=site,
        state="unusable",
        safety="Nobody may enter before the gas is off",
        cause="Gas leak in the street",
        spreading=False,
        action="repair",
        etr=Estimate(optimistic_s=3600, likely_s=2 * 3600, pessimistic_s=5 * 3600),
    )
    yield found, Actor("Facilities, played by the script", "script:facilities")
    yield record.SetStamp(stamp="mitigated", note="The announcement is on and people work from home"), commander(plan)
    facts = f"{plan.sites[site].title} is empty and closed. Calls are answered from home."
    yield sitrep.IssueSitrep(facts=facts, actions="Roll call, calls moved, customers told"), commander(plan)


def _restored(state: State, plan: Plan) -> Iterator[Wish]:
    who, site = commander(plan), site_of(plan) or ""
    yield record.SetStamp(stamp="resumed"), who
    yield restoration.BeginRestoration(why="The gas is off, and the fire brigade lets us in"), who
    walked = dict.fromkeys(restoration.WALKTHROUGH, "yes")
    yield restoration.SignWalkthrough(site=site, answers=walked, signed_by="Facilities lead"), who
    for share in restoration.SHARES:
        yield restoration.MoveTranche(share=share), who
        yield restoration.PassHold(note="service level as on any day"), who
    yield restoration.Reconcile(what="Paper forms of the morning", records=42, differences=0), who
    yield restoration.ReportBacklog(contacts=0), who
    yield damage.AssessDamage(object=site, stage="detailed", state="ok"), who
    yield record.SetStamp(stamp="full"), who
    yield record.SetStamp(stamp="restored"), who


def _ended(state: State, plan: Plan) -> Iterator[Wish]:
    level = next((x for x in plan.levels.values() if x.number == state.level), None)
    criteria = level.exit_criteria if level else ()
    yield closing.NoteFinding(kind="strength", text="Everybody was accounted for within minutes"), commander(plan)
    yield closing.NoteFinding(text="One in seven did not answer the roll call"), commander(plan)
    yield opening.StandDown(criteria=criteria, reason="" if criteria else "all is as before"), commander(plan)
    if state.phase != "stood_down":
        yield GiveApproval(approval=f"approval-{len(state.approvals)}"), commander(plan, second=True)


SAYS = {
    "answered": "A first sign was reported and the duty officer was called. Every message is caught: see the outbox.",
    "judged": "Seven short questions propose a level and say why. Declaring calls every role of that level.",
    "counted": "The roles that were called answer. The roll call asks everybody: who needs help comes first.",
    "listed": "The procedures for what is hit become one list: safety first, then help for customers, then recovery.",
    "chosen": "See the forecast of the next hours, and what each option would change; then decide.",
    "told": "The words are ready: slots are filled, somebody else approves, and the next update is promised.",
    "assessed": "Facilities assess the damage, and the time to repair feeds the clocks. A situation report goes out.",
    "restored": "Walkthrough; then calls come back in tranches, each with a hold point. Records agree, no backlog.",
    "ended": "At level 3 this takes two persons. Then read the after-action report, made from the log.",
}
SCENES: tuple[Scene, ...] = (
    Scene("The duty officer answers", SAYS["answered"], _answered),
    Scene("Judge it, and declare", SAYS["judged"], _judged),
    Scene("Who is safe?", SAYS["counted"], _counted),
    Scene("One task list", SAYS["listed"], _listed),
    Scene("What now?", SAYS["chosen"], _chosen),
    Scene("Tell customers", SAYS["told"], _told),
    Scene("How bad is it?", SAYS["assessed"], _assessed),
    Scene("Back to normal", SAYS["restored"], _restored),
    Scene("Stand down", SAYS["ended"], _ended),
)
"""The script, in five minutes; each scene can be played once the ones before it were."""
