"""The list, declaring and the room: who may see and do what, refusals in place, late entries, one line for many."""

import asyncio
import re
import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from openline.server.incidents.models import Incident

pytestmark = pytest.mark.usefixtures("_server")
LIST = "/harbor/incidents/"
DECLARE = "/harbor/incidents/declare/"
SIGNED = re.compile(r'name="key" value="(\w+)"')


@pytest.fixture(autouse=True)
def _patient() -> None:
    from openline.server.incidents.views import LIMIT

    LIMIT.forget()


def declared(client: "Client", title: str = "Gas leak", **more: object) -> "Incident":
    """Return the incident that a form makes, as somebody fills it in on a phone."""
    from openline.server.incidents.models import Incident

    sent = {"title": title, "objects": ["quay"], "level": "3", "role": "incident-commander", "exercise": "yes"} | more
    answer = client.post(DECLARE, sent)
    assert answer.status_code == 302, answer.content[:500]
    return Incident.objects.get(pk=int(answer.headers["Location"].strip("/").split("/")[-1]))


def room_of(found: "Incident") -> str:
    return f"{LIST}{found.pk}/"


def do(client: "Client", found: "Incident", command: str, *, live: bool = False, **fields: object) -> tuple[int, str]:
    headers = {"HX-Request": "true"} if live else {}
    sent = {"role": "incident-commander"} | fields
    answer = client.post(f"{room_of(found)}do/{command}/", sent, headers=headers)
    return answer.status_code, answer.content.decode()


def text(client: "Client", path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def test_says_what_is_under_way_and_what_is_down(client: "Client") -> None:
    declared(client, "Smoke in the hall")

    page = text(client, LIST)

    assert "Smoke in the hall" in page
    assert "Quay House" in page
    assert "EXERCISE" in page
    assert "under way" in page


def test_warns_on_every_page_of_the_centre_and_of_no_other(client: "Client") -> None:
    from openline.server.incidents.models import Incident

    found = declared(client, "Banner shown everywhere")
    # The head names the three gravest; those that other tests left open would come first.
    Incident.objects.filter(slug="harbor").exclude(pk=found.pk).update(phase="dismissed")

    assert "Banner shown everywhere" in text(client, "/harbor/plan/")
    assert "Banner shown everywhere" not in text(client, "/corner-repairs/plan/")
    assert room_of(found) in text(client, "/harbor/plan/")


@pytest.mark.parametrize(("role", "status"), [("viewer", 200), ("auditor", 200), ("lead", 200), ("agent", 403)])
def test_opens_the_room_to_those_who_may_follow(
    client: "Client", signed_in: "Callable[..., Client]", role: str, status: int
) -> None:
    found = declared(client)

    assert signed_in(role).get(room_of(found)).status_code == status


def test_gives_a_viewer_no_button_that_would_be_refused(client: "Client", signed_in: "Callable[..., Client]") -> None:
    found = declared(client)
    do(client, found, "AssembleTasks")

    page = text(signed_in("viewer"), room_of(found))

    assert "data-do" not in page
    assert do(signed_in("viewer"), found, "WriteNote", text="x")[0] == 403


def test_masks_numbers_from_those_who_may_not_read_them(signed_in: "Callable[..., Client]", client: "Client") -> None:
    from openline.server.incidents.declaring import _who
    from tests.incident.plans import harbor

    plan = harbor()
    numbers = {a.value for p in plan.persons.values() for a in p.contacts if a.value}
    hidden = _who(plan, 3, sees=False)

    assert hidden
    assert all(w.phone is None for w in hidden)
    for page in (text(signed_in("viewer"), room_of(declared(client))), text(signed_in("viewer"), LIST)):
        assert not [n for n in numbers if n in page]


def test_keeps_a_report_whose_level_is_refused_and_tells_it_in_the_room(client: "Client") -> None:
    found = declared(client, "Too high a level", role="team-lead", level="4")

    first, again = text(client, room_of(found)), text(client, room_of(found))

    assert found.level == 0
    assert "It is reported, but not declared: level 4 may be declared by" in first
    assert "but not declared" not in again


def test_marks_as_down_what_a_scenario_puts_out_of_use(client: "Client") -> None:
    from openline.server.incidents.store import reading

    found = declared(client, "From a scenario", objects=[], scenario="gas-leak")

    with reading(found) as state:
        assert state.hit


def test_declares_once_when_the_button_is_pressed_twice(client: "Client") -> None:
    first, second = (declared(client, "Pressed twice", key="one-key") for _ in range(2))

    assert first.pk == second.pk
    assert first.last_seq == second.last_seq


def test_does_a_thing_once_when_the_button_is_pressed_twice(client: "Client") -> None:
    found = declared(client)
    for _ in range(2):
        assert do(client, found, "WriteNote", text="Said once", key="same")[0] == 302

    assert found.lines.filter(kind="note.written").count() == 1


def test_tells_a_refusal_in_place_and_by_its_status_to_programs(client: "Client") -> None:
    found = declared(client)

    status, said = do(client, found, "StandDown", live=True)
    plain, page = do(client, found, "StandDown")

    assert (status, plain) == (200, 409)
    assert "not every criterion is met" in said
    assert "what you typed is still there" in page


def test_marks_a_late_entry_and_keeps_when_it_was_written(client: "Client") -> None:
    found = declared(client, onset="2026-11-20T09:00")
    do(client, found, "WriteNote", text="Seen at the gate", happened_at="2026-11-20T09:12")

    assert "late entry" in text(client, f"{room_of(found)}?as=scribe")
    log = text(client, f"{room_of(found)}log/?kind=note")
    assert "late entry" in log
    assert "09:12" in log


def test_checks_the_log_and_seals_it_for_those_who_may(client: "Client", signed_in: "Callable[..., Client]") -> None:
    found = declared(client)

    assert "Whole." in text(client, f"{room_of(found)}log/")
    sealed = client.get(f"{room_of(found)}log/sealed/").getvalue()
    assert b'"seal"' in sealed
    assert signed_in("lead").get(f"{room_of(found)}log/sealed/").status_code == 403


def test_asks_for_a_yes_in_the_room_when_a_role_may_not_spend_as_much(client: "Client") -> None:
    found = declared(client)

    status, _ = do(client, found, "InvokeArrangement", role="team-lead", arrangement="call-beacon", reason="flood")

    assert status == 302
    room = text(client, room_of(found))
    assert "Beacon Assist takes overflow, for 5,000 GBP. Why: flood" in room
    assert "None is invoked." in room


def test_says_in_the_log_whom_a_call_was_for_and_how_far_it_came(client: "Client") -> None:
    from openline.server.incidents.store import pinned
    from openline.server.room.log import named, told

    found = declared(client)
    line = found.lines.filter(kind="page.ordered").first()
    assert line is not None
    line.kind, line.data = "page.handed", {"page": line.data["page"], "turn": 0, "deliveries": []}

    said = told(line, pinned(found), named(found, pinned(found)))

    assert said.what == "Call handed"
    assert said.text == "call: Duty officer, Gas leak (first sign); step 1 of the escalation"


def test_says_when_the_chain_is_broken(client: "Client") -> None:
    from openline.server.room.log import checked

    found = declared(client)
    found.lines.filter(seq=1).update(by="Somebody else")
    checked.cache_clear()

    assert "Not whole." in text(client, f"{room_of(found)}log/")


def test_finds_entries_by_kind_and_words(client: "Client") -> None:
    found = declared(client)
    do(client, found, "WriteNote", text="The lift is stuck")
    do(client, found, "WriteNote", text="Water in the cellar")

    page = text(client, f"{room_of(found)}log/?kind=note&words=lift")

    assert "The lift is stuck" in page
    assert "Water in the cellar" not in page


@pytest.mark.parametrize("path", ["", "?as=scribe", "?as=executive", "log/", "tasks/", "now/"])
def test_marks_an_exercise_on_every_page_of_it(client: "Client", path: str) -> None:
    found = declared(client)

    assert 'class="exercise"' in text(client, room_of(found) + path)


def test_puts_who_needs_help_first_whatever_is_due(client: "Client", signed_in: "Callable[..., Client]") -> None:
    found = declared(client)
    do(client, found, "ReportPerson", person="team-lead-q", safe="needs_help", note="stairwell")

    page = text(client, room_of(found))

    assert page.index("1 person needs help") < page.index("The next thing to do")
    assert "stairwell" in page
    assert "stairwell" not in text(signed_in("viewer"), room_of(found))


def test_shows_the_way_of_a_task_and_lets_it_be_left_out_with_a_reason(client: "Client") -> None:
    found = declared(client)
    do(client, found, "AssembleTasks")
    name = re.search(r'id="task-([\w-]+)"', text(client, room_of(found)))
    assert name is not None

    assert do(client, found, "SkipTask", task=name[1])[0] == 409
    assert do(client, found, "SkipTask", task=name[1], reason="Nobody is there")[0] == 302
    page = text(client, f"{room_of(found)}tasks/{name[1]}/")
    assert "left out" in page
    assert "Nobody is there" in page


def test_lets_a_role_be_taken_from_a_form(client: "Client") -> None:
    from openline.server.incidents.store import reading

    found = declared(client)
    do(client, found, "AssumeRole", for_role="duty-officer", name="Ann")
    found.refresh_from_db()

    with reading(found) as state:
        assert state.roles["duty-officer"] == "Ann"


def test_answers_nothing_new_with_nothing(client: "Client") -> None:
    found = declared(client)
    live = {"HX-Request": "true"}

    assert client.get(f"{room_of(found)}?seen={found.last_seq}", headers=live).status_code == 204
    assert client.get(f"{room_of(found)}?seen=1", headers=live).status_code == 200


def test_answers_what_now_and_starts_what_it_ranks(client: "Client") -> None:
    found = declared(client)
    queue: dict[str, Any] = {"queues.claims.waiting": "12", "queues.claims.longest_wait_s": "240"}
    do(client, found, "FeedSnapshot", **queue)

    page = text(client, f"{room_of(found)}now/")

    assert "Do nothing more" in page
    assert "No picture of the queues was fed" not in page
    forms = {m[1]: m[2] for m in re.finditer(r'id="f-opt-([\w-]+)"(.*?)</form>', page, re.S)}
    with_procedure = {name: form for name, form in forms.items() if "Start its procedure" in form}
    assert set(forms) > set(with_procedure)
    assert all("Put it on the task list" in forms[name] for name in set(forms) - set(with_procedure))
    assert len(forms) == page.count('<li class="option') - 1
    for form in forms.values():
        sent = dict(re.findall(r'name="(title|procedure|step)" value="([^"]*)"', form))
        assert do(client, found, "StartOption", **sent)[0] == 302
    with_tasks = text(client, f"{room_of(found)}tasks/")
    assert "Leave Mail for later" in with_tasks


def test_needs_no_account_to_say_that_people_come_first(stranger: "Client") -> None:
    assert "Call 112" in text(stranger, "/safety/")


def test_answers_the_room_with_300_tasks_and_notes_within_100_ms(client: "Client") -> None:
    from openline.incident.command import Actor
    from openline.incident.record import WriteNote
    from openline.incident.task_list import AddTask, AssembleTasks
    from openline.server.incidents.store import carry_out

    found, me = declared(client), Actor("Somebody", "account:900")
    carry_out(found, AssembleTasks(), me)
    for n in range(280):
        lane = ("mitigate", "resume")[n % 2]
        carry_out(found, AddTask(text=f"task {n}", lane=lane, likely_s=60.0 * (n % 9), role="team-lead"), me)
    for n in range(300):
        carry_out(found, WriteNote(text=f"note {n}"), me)
    client.get(room_of(found))

    assert quickest(client, room_of(found)) < 0.1


def test_answers_the_list_with_200_open_within_100_ms(client: "Client") -> None:
    from openline.server.incidents.views import LIMIT

    for n in range(200):
        declared(client, f"One of many {n}", level="")
    LIMIT.forget()
    client.get(LIST)

    try:
        assert quickest(client, LIST) < 0.1
    finally:
        from openline.server.incidents.models import Incident

        Incident.objects.filter(title__startswith="One of many").update(phase="dismissed")


def quickest(client: "Client", path: str) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        text(client, path)
        times.append(time.perf_counter() - start)
    return min(times)


def told(looks: list[dict[int, tuple[int, str]]], *, listeners: int = 1) -> tuple[list[list[str]], int]:
    """Return what each listener was told while the log looked like this second by second, and how often it looked."""
    from openline.server.room.stream import Bells

    seen = 0

    async def look(pks: Collection[int]) -> dict[int, tuple[int, str]]:
        nonlocal seen
        seen += 1
        return looks[min(seen, len(looks)) - 1]

    async def one(bells: Bells) -> list[str]:
        return [line async for line in bells.told(1, "account:1", 3, beat_s=0.05, longest_s=2)]

    async def all_of_them() -> list[list[str]]:
        bells = Bells(look, every_s=0.01)
        found = list(await asyncio.gather(*(one(bells) for _ in range(listeners))))
        assert bells.lines_of("account:1") == 0
        return found

    return asyncio.run(all_of_them()), seen


def test_tells_a_change_and_ends_with_the_response() -> None:
    lines, _ = told([{1: (3, "active")}, {1: (4, "active")}, {1: (5, "stood_down")}])

    heard = [x for x in lines[0] if not x.startswith(":")]
    assert heard[1:] == [
        "event: change\nid: 4\ndata: 4\n\n",
        "event: change\nid: 5\ndata: 5\n\n",
        "event: over\ndata: stood_down\n\n",
    ]


def test_looks_once_for_all_who_listen() -> None:
    lines, looks = told([{1: (3, "active")}, {1: (4, "closed")}], listeners=20)

    assert len(lines) == 20
    assert all("over" in x[-1] for x in lines)
    assert looks <= 3


def test_beats_when_nothing_happens() -> None:
    lines, _ = told([{1: (3, "active")}] * 12 + [{1: (3, "closed")}])

    assert ": still here\n\n" in lines[0]


def test_tells_a_browser_to_stop_asking_when_it_is_over(client: "Client") -> None:
    found = declared(client, level="")
    do(client, found, "Dismiss", reason="A test of the alarm")

    assert client.get(f"{room_of(found)}stream").status_code == 204


def test_bounds_the_lines_of_an_account(client: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    from openline.server.room import stream

    found = declared(client)
    monkeypatch.setattr(stream, "MOST", 0)

    assert client.get(f"{room_of(found)}stream").status_code == 429


def test_reads_a_roll_call_of_10000_people_off_the_state_in_a_fraction_of_a_second() -> None:
    from openline.incident.people import Report, RollCall
    from openline.server.room.shown import shown
    from tests.incident.plans import declared as begun

    log = begun()
    people = tuple(f"person-{n}" for n in range(10_000))
    log.state.roll_calls["all"] = RollCall("all", "Everybody", log.now, people)
    for n, name in enumerate(people[:9_000]):
        log.state.reports[name] = Report(name, "needs_help" if n % 100 == 0 else "safe", at=log.now)

    times = []
    for _ in range(3):
        start = time.perf_counter()
        told = shown(log.state, log.plan, "commander", log.now, "account:1", None)
        times.append(time.perf_counter() - start)

    assert (told.rolls[0].safe, told.rolls[0].needs_help, told.rolls[0].unknown) == (8_910, 90, 1_000)
    assert told.help_count == 90
    assert min(times) < 0.3


def test_starts_a_call_tree_from_the_room(client: "Client") -> None:
    found = declared(client)

    assert "Start a call tree" in text(client, room_of(found))
    said: dict[str, Any] = {"tree": "emergency-tree", "subject": "Gas leak", "text": "Level 3. Call the bridge."}
    assert do(client, found, "CallTheTree", **said)[0] == 302
    assert found.lines.filter(kind="tree.started").count() == 1


def test_holds_resumes_fails_retries_and_undoes_a_task_with_reasons(client: "Client") -> None:
    found = declared(client)
    do(client, found, "AssembleTasks")
    task: dict[str, Any] = {"task": "leave-quay-leave"}
    because: dict[str, Any] = {"reason": "the stairs are blocked"}

    assert do(client, found, "StartTask", **task)[0] == 302
    assert do(client, found, "PauseTask", **task)[0] == 409
    for command in ("PauseTask", "ResumeTask", "FailTask", "RetryTask", "SkipTask", "RetryTask"):
        assert do(client, found, command, **task, **because)[0] == 302, command
    assert do(client, found, "CompleteTask", **task)[0] == 302
    assert do(client, found, "RollBackTask", **task, **because)[0] == 302

    # Other tests may have given the plan steps that begin by themselves.
    own = found.lines.filter(kind__startswith="task.", data__task="leave-quay-leave")
    told = own.order_by("seq").values_list("kind", flat=True)
    named = ["started", "paused", "resumed", "failed", "retried", "skipped", "retried", "completed", "rolled_back"]
    assert list(told) == [f"task.{n}" for n in named]


def test_takes_down_what_was_told_by_phone(client: "Client") -> None:
    found = declared(client, "Told by phone", how="phone")

    assert "I was told by phone" in text(client, DECLARE)
    assert found.lines.get(seq=1).data["how"] == "phone"


def test_shows_nothing_as_back_by_a_time_to_restore_that_has_passed() -> None:
    from datetime import timedelta

    from openline.incident.damage import AssessDamage
    from openline.plan.incidents import Estimate
    from openline.server.room.picture import struck
    from tests.incident.plans import declared as begun

    log = begun("quay")
    onset = log.state.stamps["onset"]
    etr = Estimate(optimistic_s=60, likely_s=3600, pessimistic_s=7200)
    log.do(AssessDamage(object="quay", state="unusable", etr=etr))

    assert [end is not None for _, _, end in struck(log.state, onset, log.now)] == [True]
    assert [end for _, _, end in struck(log.state, onset, log.now + timedelta(hours=2))] == [None]
