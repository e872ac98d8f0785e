"""Every right and every role: the one place that says who may do what."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Right = Literal[
    "own_account",
    "read_plan",
    "read_contacts",
    "read_weaknesses",
    "what_if",
    "change_plan",
    "approve_plan",
    "see_incidents",
    "report_in",
    "work_tasks",
    "declare",
    "move_traffic",
    "release_messages",
    "command",
    "run_exercises",
    "read_log",
    "export_sealed",
    "manage_settings",
    "manage_tokens",
    "manage_accounts",
]
RIGHTS: dict[Right, str] = {
    "own_account": "sign in, and keep one's own password and second factor",
    "read_plan": "read the plan, its revisions and what the rules say of it",
    "read_contacts": "read how people are reached and roughly where they live",
    "read_weaknesses": "read single points of failure, shared fates, routes and what is marked restricted",
    "what_if": "ask what if",
    "change_plan": "change plans and begin new ones",
    "approve_plan": "approve plans",
    "see_incidents": "follow incidents and exercises",
    "report_in": "answer the roll call, report what happened, and do one's own tasks",
    "work_tasks": "take and finish the tasks of an incident, for others too, and write in its log",
    "declare": "declare an incident, and call people out",
    "move_traffic": "move numbers, agents and prompts to another place, and back",
    "release_messages": "release messages to customers, staff and authorities",
    "command": "change the level, stand down, and decide what can not be undone",
    "run_exercises": "plan exercises and run them",
    "read_log": "read the log of what people and programs did",
    "export_sealed": "take out the sealed bundle of evidence",
    "manage_settings": "set up monitors, ways to reach people, and adapters for traffic",
    "manage_tokens": "make tokens for programs, and withdraw them",
    "manage_accounts": "let people in, give roles, and print the paper codes",
}
"""Each right with what its holder may; a page asks for a right, never for a role."""

Role = Literal["viewer", "agent", "lead", "duty_officer", "commander", "editor", "approver", "auditor", "admin"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a role is for, in a sentence, and the rights that come with it."""

    says: str
    rights: frozenset[Right]


def _role(says: str, *rights: Right, also: Iterable[Right] = ()) -> Meaning:
    return Meaning(says, frozenset(("own_account", *rights, *also)))


_LEAD: tuple[Right, ...] = ("read_plan", "read_contacts", "see_incidents", "report_in", "work_tasks")
_DUTY: tuple[Right, ...] = (*_LEAD, "read_weaknesses", "what_if", "declare", "move_traffic", "release_messages")
_EDITOR: tuple[Right, ...] = (
    "read_plan", "read_contacts", "read_weaknesses", "what_if", "change_plan", "see_incidents", "run_exercises",
)  # fmt: skip

ROLES: dict[Role, Meaning] = {
    "viewer": _role(
        "reads the plan without contact data and weaknesses, asks what if, follows incidents",
        "read_plan", "what_if", "see_incidents",
    ),
    "agent": _role("answers the roll call and does the tasks given to them", "report_in"),
    "lead": _role("reaches the people of a team, and works on the tasks of an incident", also=_LEAD),
    "duty_officer": _role("decides first: declares, calls out, moves traffic, releases messages", also=_DUTY),
    "commander": _role(
        "leads the response: changes the level, stands down, decides what can not be undone",
        "command", "run_exercises", also=_DUTY,
    ),
    "editor": _role("keeps the plan: changes it, and prepares and runs exercises", also=_EDITOR),
    "approver": _role("does what an editor does, and approves plans", "approve_plan", also=_EDITOR),
    "auditor": _role(
        "reads the plan, its weaknesses, incidents and the log, and takes out the sealed evidence",
        "read_plan", "read_weaknesses", "what_if", "see_incidents", "read_log", "export_sealed",
    ),
    "admin": _role(
        "lets people and programs in, gives roles, sets the server up, reads the log",
        "read_plan", "what_if", "see_incidents", "read_log", "manage_settings", "manage_tokens", "manage_accounts",
    ),
}  # fmt: skip
"""An account has one or more of these; what it may do is all of them together."""

OWNER: tuple[Role, ...] = ("admin", "approver", "commander", "auditor")
"""The roles of who sets the server up: together they hold every right."""

NOT_FOR_PROGRAMS: frozenset[Right] = frozenset(("own_account", "manage_accounts", "manage_tokens"))
"""What a token can never do, since a person must have signed in for it."""


def rights_of(roles: Collection[str]) -> frozenset[Right]:
    """Return everything that these roles may together; a role that is no longer known gives nothing."""
    return frozenset().union(*(ROLES[r].rights for r in get_args(Role) if r in roles))


def holders(right: Right) -> list[Role]:
    """Return the roles that have a right."""
    return [role for role, meaning in ROLES.items() if right in meaning.rights]


def words(roles: Iterable[str]) -> str:
    """Return roles as people read them: `duty officer, editor`."""
    given = set(roles)
    return ", ".join(r.replace("_", " ") for r in get_args(Role) if r in given)
