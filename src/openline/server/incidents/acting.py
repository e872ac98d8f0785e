"""Who acts, which right each command needs, and commands read from what was sent, for pages and programs alike."""

from collections.abc import Mapping
from datetime import datetime
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from django.http import HttpRequest, QueryDict
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from openline.incident import (
    approval,
    arrangements,
    call_tree,
    closing,
    damage,
    decisions,
    messages,
    opening,
    option,
    paging,
    record,
    restoration,
    roll_call,
    sitrep,
    task_list,
    tasks,
)
from openline.incident.command import Actor, Command, Refused
from openline.plan.document import Plan
from openline.server.accounts.rights import Right

COMMAND_RIGHTS: dict[type[Command], Right] = {
    opening.Acknowledge: "declare",
    opening.AnswerAid: "declare",
    opening.DeclareLevel: "declare",
    opening.Dismiss: "declare",
    opening.StandDown: "command",
    opening.Reopen: "declare",
    approval.GiveApproval: "command",
    approval.RefuseApproval: "command",
    paging.OrderPage: "declare",
    paging.AcknowledgePage: "report_in",
    paging.CancelPage: "declare",
    paging.AssumeRole: "work_tasks",
    call_tree.CallTheTree: "declare",
    roll_call.OpenRollCall: "work_tasks",
    roll_call.ReportPerson: "report_in",
    roll_call.CountGroup: "report_in",
    roll_call.CloseRollCall: "work_tasks",
    task_list.AssembleTasks: "declare",
    task_list.AddTask: "work_tasks",
    option.StartOption: "declare",
    tasks.StartTask: "work_tasks",
    tasks.CompleteTask: "work_tasks",
    tasks.FailTask: "work_tasks",
    tasks.SkipTask: "work_tasks",
    tasks.RetryTask: "work_tasks",
    tasks.PauseTask: "work_tasks",
    tasks.ResumeTask: "work_tasks",
    tasks.RollBackTask: "command",
    tasks.AssignTask: "work_tasks",
    record.WriteNote: "work_tasks",
    record.CorrectEntry: "work_tasks",
    record.HitObjects: "work_tasks",
    record.ClearObjects: "work_tasks",
    record.SetStamp: "work_tasks",
    decisions.OpenDecision: "work_tasks",
    decisions.MakeDecision: "command",
    arrangements.InvokeArrangement: "declare",
    arrangements.ReportArrangement: "work_tasks",
    record.FeedSnapshot: "work_tasks",
    sitrep.IssueSitrep: "work_tasks",
    record.BookCost: "work_tasks",
    closing.NoteFinding: "work_tasks",
    closing.AssignAction: "work_tasks",
    closing.CloseIncident: "command",
    messages.DraftMessage: "work_tasks",
    messages.EditMessage: "work_tasks",
    messages.ApproveMessage: "release_messages",
    messages.ReleaseMessage: "release_messages",
    messages.WithdrawMessage: "release_messages",
    damage.AssessDamage: "report_in",
    damage.ShareDamage: "work_tasks",
    restoration.BeginRestoration: "command",
    restoration.SignWalkthrough: "work_tasks",
    restoration.Recall: "declare",
    restoration.MoveTranche: "move_traffic",
    restoration.PassHold: "move_traffic",
    restoration.FallBack: "move_traffic",
    restoration.Reconcile: "work_tasks",
    restoration.ReportBacklog: "work_tasks",
    restoration.ConfirmCriterion: "work_tasks",
    restoration.WithdrawCriterion: "work_tasks",
}
"""What people and programs may ask for, and the right each takes; what is not here only Openline itself does."""

BY_NAME: dict[str, type[Command]] = {c.__name__: c for c in COMMAND_RIGHTS}
C = TypeVar("C", bound=Command)
ASIDE = ("csrfmiddlewaretoken", "next", "key", "role", "happened_at")
RENAMED = {"for_role": "role"}
"""Fields of forms that would be taken for what every form has: `role` is in which role one acts."""


PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "is no field of this",
    "string_type": "is to be one line of words",
    "string_too_short": "is empty: fill it in",
    "int_parsing": "is to be a whole number",
    "int_type": "is to be a whole number",
    "int_from_float": "is to be a whole number",
    "float_parsing": "is to be a number",
    "finite_number": "is to be a number",
    "datetime_from_date_parsing": "is no time: write 2026-11-30T14:05",
    "timezone_aware": "needs its time zone: write 2026-11-30T14:05Z",
}
"""What is told for the usual slips, by Pydantic's name of each; other words are Pydantic's own."""


def right_of(name: str) -> Right | None:
    """Return the right that a command takes; None when there is no such command."""
    cls = BY_NAME.get(name)
    return COMMAND_RIGHTS[cls] if cls is not None else None


class Unreadable(Refused):
    """What was sent is no such command; `errors` has a message for each field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{k}: {v}" for k, v in errors.items()))
        self.errors = errors


def actor(request: HttpRequest, plan: Plan, role: str = "") -> Actor:
    """Return who acts: the account, the role of the plan in which they say they act, and who they are in the plan."""
    user = request.user
    stated = role or request.POST.get("role", "")
    return Actor(
        name=str(user),
        account=f"account:{user.pk}",
        role=stated if stated in plan.roles else None,
        person=person_of(plan, getattr(user, "email", "")),
    )


def person_of(plan: Plan, email: str) -> str | None:
    """Return the person of the plan who has this address; None when nobody has."""
    wanted = email.strip().lower()
    if not wanted:
        return None
    for p in plan.persons.values():
        if any((a.value or "").lower() == wanted for a in p.contacts):
            return p.id
    return None


def read(name: str, sent: QueryDict | Mapping[str, Any], tz: str = "UTC") -> Command:
    """Return the command that a form (all words) or JSON says; `tz` is the clock of times in forms.

    Raises Unreadable with a message for each field.
    """
    cls = BY_NAME.get(name)
    if cls is None:
        raise Unreadable({"command": f"there is no command {name!r}"})
    return made(cls, _of_form(cls, sent, tz) if isinstance(sent, QueryDict) else dict(sent))


def made(cls: type[C], document: dict[str, Any]) -> C:
    """Return a command from a document; raises Unreadable."""
    try:
        return cls.model_validate(document)
    except ValidationError as error:
        raise Unreadable({".".join(map(str, e["loc"])) or "form": _plain(e) for e in error.errors()}) from None


def _plain(details: ErrorDetails) -> str:
    """Return what is wrong with a field in words for people."""
    kind, pattern = details["type"], str(details.get("ctx", {}).get("pattern"))
    if kind == "string_pattern_mismatch" and "a-z0-9" in pattern:
        return "is no id of the plan or of this incident: small letters, digits and hyphens, 64 at most"
    if kind == "string_pattern_mismatch" and r"\d{4}" in pattern:
        return "is no date: write 2026-11-30"
    message = details["msg"].removeprefix("Value error, ")
    return PLAIN.get(kind, message[0].lower() + message[1:])


def _of_form(cls: type[BaseModel], sent: QueryDict, tz: str) -> dict[str, Any]:
    """Return a document from a form: `a.b` are parts, a field of many values is a list, empty is not stated."""
    document: dict[str, Any] = {}
    for name in sent:
        values = [v.strip().replace("\r\n", "\n") for v in sent.getlist(name) if v.strip()]
        if name in ASIDE or not values:
            continue
        top, *rest = RENAMED.get(name, name).split(".")
        if top.endswith("_at") and not rest:
            document[top] = happened_at({"happened_at": values[-1]}, tz)
            continue
        field = cls.model_fields.get(top)
        is_list = field is not None and not rest and _is_list(field.annotation)
        _put(document, name, [top, *rest], values if is_list else values[-1])
    return document


def _put(document: dict[str, Any], name: str, parts: list[str], value: Any) -> None:
    """Put a value in its place; raises Unreadable when the form says of one place both a value and parts."""
    at, last = document, parts[-1]
    for part in parts[:-1]:
        at = at.setdefault(part, {})
        if not isinstance(at, dict):
            raise Unreadable({name: "this field is sent both as one value and in parts: send one of them"})
    if isinstance(at.get(last), dict):
        raise Unreadable({name: "this field is sent both as one value and in parts: send one of them"})
    at[last] = value


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) in (Union, UnionType):
        return any(_is_list(a) for a in get_args(annotation))
    return get_origin(annotation) is tuple


def happened_at(sent: Mapping[str, Any], tz: str) -> datetime | None:
    """Return when it happened, as a scribe enters it on the centre's clock; None for now. Raises Unreadable."""
    text = str(sent.get("happened_at") or "").strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable({"happened_at": f"{text[:40]!r} is no time: write 2026-11-30T14:05"}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(tz))
