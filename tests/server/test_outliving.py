"""Incidents outlive roll-backs, frozen nodes, later plans and later versions (ACT-02, ACT-08, COM-05)."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from openline.incident.command import SYSTEM, Refused
from openline.incident.entry import verify
from openline.incident.opening import DeclareLevel, Report
from openline.incident.paging import AcknowledgePage
from openline.incident.permit import Permit
from openline.incident.record import WriteNote
from openline.incident.state import State, fold
from openline.incident.task_list import AssembleTasks
from openline.incident.tasks import FailTask, RetryTask, StartTask
from openline.notifiers.base import Notifier, NotifierError, Outgoing
from openline.plan.people import Address

if TYPE_CHECKING:
    from openline.server.incidents.models import Incident
    from openline.server.plans.models import Revision

FORMAT_1 = Path(__file__).parents[1] / "incident" / "formats" / "1.json"


@pytest.fixture(scope="module")
def revision(_server: None) -> "Revision":
    from openline.bench.faults.harbor import files
    from openline.server.plans.store import keep

    return keep("harbor", "Harbor Mutual", files("http://127.0.0.1:9/hook"), "test", by="test", why="test")


def opened(revision: "Revision", key: str = "") -> "Incident":
    from openline.server.incidents.store import report

    told = Report(title="Gas leak", plan_slug="harbor", plan_hash=revision.content_hash, objects=("quay",))
    return report(revision, told, SYSTEM, key=key or uuid4().hex)


def note(found: "Incident", text: str = "said") -> None:
    from openline.server.incidents.store import carry_out

    carry_out(found, WriteNote(text=text), SYSTEM)


def state_of(found: "Incident") -> State:
    """Return what the process has folded, having compared it with the log."""
    from openline.server.incidents.folded import entry_of
    from openline.server.incidents.store import incident, lines_of, reading

    verify(lines_of(found))
    with reading(incident(found.pk)) as state:
        assert state == fold(entry_of(x) for x in found.lines.order_by("seq"))
        return state


def test_folds_the_log_again_after_a_roll_back(revision: "Revision") -> None:
    from django.db import transaction

    found = opened(revision)
    with transaction.atomic():
        note(found, "never")
        note(found, "said")
        transaction.set_rollback(True)

    note(found, "said")

    assert [n.text for n in state_of(found).notes] == ["said"]


def test_folds_what_another_node_wrote_in_place_of_what_was_rolled_back(revision: "Revision") -> None:
    from django.db import transaction

    from openline.server.incidents import folded
    from openline.server.incidents.store import incident

    found = opened(revision)
    with transaction.atomic():
        note(found, "never")
        transaction.set_rollback(True)
    own = dict(folded._kept)
    folded.forget()
    note(incident(found.pk), "by another node")
    folded._kept.update(own)

    assert [n.text for n in state_of(found).notes] == ["by another node"]


def test_leaves_no_hole_when_a_command_is_refused_half_way(
    revision: "Revision", monkeypatch: pytest.MonkeyPatch
) -> None:
    from openline.server.incidents import store

    def refused(*_: object) -> None:
        raise Refused("no")

    found = opened(revision)
    monkeypatch.setattr(store, "react", refused)
    with pytest.raises(RuntimeError, match="half way"):
        note(found, "never")
    monkeypatch.undo()

    note(found, "said")

    assert [n.text for n in state_of(found).notes] == ["said"]


def test_opens_one_incident_for_a_report_that_comes_twice_at_the_same_moment(
    revision: "Revision", monkeypatch: pytest.MonkeyPatch
) -> None:
    from openline.server.incidents import store

    first = opened(revision, "the same report")
    answers = iter([None, first])
    monkeypatch.setattr(store, "known", lambda key: next(answers))

    assert opened(revision, "the same report").pk == first.pk


def hand_over(found: "Incident") -> dict[str, Any] | None:
    from openline.server.incidents.handing import hand_over as act

    return act(
        "page", f"{found.pk}/page/page-1/0/0", {"page": "page-1", "turn": 0, "first": 0, "incident": found.pk}, 1
    )


def delivery(found: "Incident") -> Any:
    from openline.server.incidents.models import Delivery

    return Delivery.objects.get(incident=found)


class Fake:
    """Stands for the providers; `send` takes what would have gone out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from openline.server.incidents import handing

        self.taken: list[Outgoing] = []
        monkeypatch.setattr(handing, "send", self.send)
        monkeypatch.setattr(handing, "providers", lambda channel: [("fake", None if channel == "none" else self)])

    def send(self, permit: Permit, notifier: Notifier, message: Outgoing) -> str:
        self.taken.append(message)
        self.then(len(self.taken))
        return f"ref-{len(self.taken)}"

    def then(self, nth: int) -> None:
        """Do what the test wants while a message is on its way."""


@pytest.mark.parametrize("first_fails", [False, True])
def test_says_that_a_message_may_have_gone_twice_when_a_frozen_node_comes_back(
    revision: "Revision", monkeypatch: pytest.MonkeyPatch, first_fails: bool
) -> None:
    found, fake = opened(revision), Fake(monkeypatch)

    def then(nth: int) -> None:
        if nth == 1:
            hand_over(found)  # by the node that took over, while this one stood still
            if first_fails:
                raise NotifierError("no", retry=False)

    monkeypatch.setattr(fake, "then", then)
    hand_over(found)

    row = delivery(found)
    assert (row.state, row.attempts, row.maybe_twice) == ("handed", 2, True)


def test_takes_over_what_a_frozen_node_sent_when_the_other_could_not(
    revision: "Revision", monkeypatch: pytest.MonkeyPatch
) -> None:
    from openline.server.incidents.handing import NobodyTookIt

    found, fake = opened(revision), Fake(monkeypatch)

    def then(nth: int) -> None:
        if nth == 2:
            raise NotifierError("down", retry=True)
        with pytest.raises(NobodyTookIt):
            hand_over(found)

    monkeypatch.setattr(fake, "then", then)
    hand_over(found)

    row = delivery(found)
    assert (row.state, row.provider_ref, row.maybe_twice) == ("handed", "ref-2", True)


def test_gives_each_address_a_key_of_its_own(revision: "Revision", monkeypatch: pytest.MonkeyPatch) -> None:
    from openline.server.incidents import handing

    two = [Address(channel="sms", value="+441"), Address(channel="sms", value="+442")]
    found, fake = opened(revision), Fake(monkeypatch)
    monkeypatch.setattr(handing, "_addresses", lambda plan, person: two)

    def then(nth: int) -> None:
        if nth == 1:
            raise NotifierError("in doubt", retry=True, maybe_sent=True)

    monkeypatch.setattr(fake, "then", then)
    hand_over(found)

    first, second = fake.taken
    assert (first.to, second.to) == ("+441", "+442")
    assert first.key == delivery(found).key
    assert second.key == f"{first.key}~1"


def test_calls_somebody_whose_answer_may_yet_be_rolled_back(revision: "Revision") -> None:
    from openline.incident.roll_call import OpenRollCall, ReportPerson
    from openline.server.incidents.handing import _called
    from openline.server.incidents.store import carry_out, reading

    found = opened(revision)
    carry_out(found, OpenRollCall(teams=("command-team",)), SYSTEM)
    before = found.last_seq
    carry_out(found, ReportPerson(person="commander-a", safe="safe"), SYSTEM)

    with reading(found) as state:
        page = list(state.pages.values())[-1]
        assert "commander-a" in _called(state, page, 0, 0, before, ())
        assert "commander-a" not in _called(state, page, 0, 0, found.last_seq, ())


def test_ends_what_was_cut_off_also_for_somebody_who_answered_meanwhile(
    revision: "Revision", monkeypatch: pytest.MonkeyPatch
) -> None:
    from openline.incident.roll_call import OpenRollCall, ReportPerson
    from openline.server.incidents.handing import hand_over as act
    from openline.server.incidents.models import Delivery
    from openline.server.incidents.store import carry_out, reading

    found, fake = opened(revision), Fake(monkeypatch)
    carry_out(found, OpenRollCall(teams=("command-team",)), SYSTEM)
    with reading(found) as state:
        page = list(state.pages)[-1]
    key = f"{found.pk}/page/{page}/0/0"
    Delivery.objects.create(key=f"{key}/commander-a", incident=found, page=page, person="commander-a")
    for person in ("commander-a", "commander-b"):
        carry_out(found, ReportPerson(person=person, safe="safe"), SYSTEM)

    act("page", key, {"page": page, "turn": 0, "first": 0, "incident": found.pk}, 2)

    row = Delivery.objects.get(key=f"{key}/commander-a")
    assert (row.state, row.maybe_twice) == ("handed", True)
    assert not any(m.key.endswith("/commander-b") for m in fake.taken)


def test_does_not_take_a_late_run_of_a_step_for_the_one_that_was_begun_anew(revision: "Revision") -> None:
    from openline.server.engine.port import Outcome
    from openline.server.incidents.store import carry_out
    from openline.server.incidents.world import record

    found, task = opened(revision), "by-itself-hook"
    for command in (
        AssembleTasks(),
        FailTask(task=task, reason="it hangs"),
        RetryTask(task=task, reason="again"),
        StartTask(task=task),
    ):
        carry_out(found, command, SYSTEM)

    payload = {"incident": found.pk, "task": task, "automation": "webhook"}
    record(str(found.pk), "automate", f"{found.pk}/automate/{task}/1", payload, Outcome("done", {}, "", 1, False))

    state = state_of(found)
    assert state.tasks[task].state == "running"
    assert "ended late" in state.notes[-1].text


def test_goes_on_with_the_plan_of_its_beginning_when_the_plan_is_edited(revision: "Revision") -> None:
    from openline.server.incidents.store import carry_out, incident, pinned
    from openline.server.plans.store import keep

    found = opened(revision)
    files = {k: v.replace("id: by-itself", "id: by-others") for k, v in revision.files.items()}
    later = keep("harbor", "Harbor Mutual", files, "test", by="test", why="edited while an incident is open")

    carry_out(found, AssembleTasks(), SYSTEM)

    assert later.pk != revision.pk
    assert incident(found.pk).revision_id == revision.pk
    assert "by-itself" in pinned(incident(found.pk)).procedures
    assert "by-itself-hook" in state_of(found).tasks


def written_by_format_1(revision: "Revision", lines: Sequence[dict[str, Any]]) -> "Incident":
    """Return an open incident as the first release left it in the database."""
    from openline.server.incidents.models import Incident, Line

    last = lines[-1]
    found = Incident.objects.create(
        slug="harbor", revision=revision, title="Gas leak", phase="active", last_seq=last["seq"], last_hash=last["hash"]
    )
    for x in lines:
        Line.objects.create(
            incident=found, seq=x["seq"], kind=x["event"], version=x["version"], data=x["data"], by=x["by"],
            happened_at=datetime.fromisoformat(x["happened_at"]), entered_at=datetime.fromisoformat(x["entered_at"]),
            previous=x["previous"], hash=x["hash"],
        )  # fmt: skip
    return found


def still_open(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the part of a log up to its declaration, with the calls that came of it."""
    end = next(n for n, x in enumerate(lines) if x["event"] == "level.declared")
    return list(lines[: end + 4])


def test_goes_on_with_an_incident_that_the_first_release_left_open(revision: "Revision") -> None:
    from openline.server.engine.models import Job
    from openline.server.engine.port import Outcome
    from openline.server.incidents.store import carry_out
    from openline.server.incidents.world import record

    found = written_by_format_1(revision, still_open(json.loads(FORMAT_1.read_text())))

    # A timer of the earlier release rings, somebody answers, and the level is raised.
    timer = {"incident": found.pk, "timer": "page", "of": "page-2", "turn": 0}
    record(str(found.pk), "timer", f"{found.pk}/timer/page/page-2/0", timer, Outcome("done", {}, "", 1, False))
    found.refresh_from_db()
    first = state_of(found).pages["page-1"].rungs[0][0]
    carry_out(found, AcknowledgePage(page="page-1", person=first), SYSTEM)

    state = state_of(found)
    assert (state.level, state.pages["page-1"].state, state.pages["page-2"].turn) == (3, "acknowledged", 1)
    assert Job.objects.filter(key=f"{found.pk}/page/page-2/1/0").exists()
    with pytest.raises(Refused):
        carry_out(found, DeclareLevel(level=3), SYSTEM)
