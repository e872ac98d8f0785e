"""Choosing an option of the forecast starts its procedure, whether the list has it already or not (ACT-04)."""

import pytest

from openline.incident import tasks
from openline.incident.command import NotNow, Refused
from openline.incident.option import StartOption
from openline.incident.state import FINISHED, Task
from openline.incident.task_list import AssembleTasks
from tests.incident.plans import Log, declared

HOME = StartOption(title="Send home to work there", procedure="accidents-elsewhere", step="home")
HOME_STEP = "accidents-elsewhere/home"


def made_safe(log: Log) -> None:
    """Finish whatever comes before everything else."""
    while left := [t for t in log.state.tasks.values() if t.safety and t.state not in FINISHED]:
        log.do(tasks.CompleteTask(task=next(t.id for t in left if tasks.ready(log.state, t))))


def step(log: Log) -> Task:
    return next(t for t in log.state.tasks.values() if HOME_STEP in t.source)


def test_begins_a_step_that_stands_in_the_list_already() -> None:
    log = declared("quay")
    log.do(AssembleTasks())
    made_safe(log)
    for t in tasks.blockers(log.state, step(log)):
        log.do(tasks.CompleteTask(task=t.id))
    count = len(log.state.tasks)

    assert log.do(HOME) == ["note.written", "task.started"]
    assert step(log).state == "running"
    assert len(log.state.tasks) == count
    with pytest.raises(NotNow, match="in the list already: it is under way"):
        log.do(HOME)


def test_asks_anew_for_a_step_that_another_option_has_begun() -> None:
    log = declared("quay")
    log.do(AssembleTasks())
    made_safe(log)
    for t in tasks.blockers(log.state, step(log)):
        log.do(tasks.CompleteTask(task=t.id))
    log.do(HOME)
    other = HOME.model_copy(update={"title": "Send the second team home"})

    assert log.do(other) == ["note.written", "tasks.assembled"]
    assert list(log.state.tasks.values())[-1].text == "Send the second team home"
    assert list(log.state.tasks.values())[-1].role == step(log).role
    with pytest.raises(NotNow):
        log.do(other)


def test_holds_the_step_while_people_are_not_safe_and_says_so() -> None:
    log = declared("quay")
    log.do(AssembleTasks())

    assert log.do(HOME) == ["note.written"]
    assert "begins when what comes before it is finished" in log.state.notes[-1].text
    assert step(log).state == "open"


def test_adds_the_procedure_that_the_list_lacks_and_nothing_twice() -> None:
    log = declared("quay")

    done = log.do(HOME)

    assert done[:2] == ["note.written", "tasks.assembled"]
    log.do(AssembleTasks())
    sources = [s for t in log.state.tasks.values() for s in t.source]
    words = [(t.text, t.role) for t in log.state.tasks.values()]
    assert len(set(sources)) == len(sources)
    assert len(set(words)) == len(words)
    assert all(p in log.state.tasks for t in log.state.tasks.values() for p in t.predecessors)


def test_puts_what_the_plan_has_no_procedure_for_on_the_list_once() -> None:
    log = declared("quay")
    mail = StartOption(title="Leave Mail for later")

    assert log.do(mail) == ["note.written", "tasks.assembled"]
    assert [t.text for t in log.state.tasks.values()] == ["Leave Mail for later"]
    with pytest.raises(NotNow):
        log.do(mail)
    with pytest.raises(Refused, match="no procedure"):
        log.do(StartOption(title="x", procedure="nowhere"))
