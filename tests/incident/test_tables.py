"""State tables: every command is listed or refused by name, in every phase and for every state of a task."""

import pytest

from openline.incident import task_list, tasks
from openline.incident.command import DECIDERS, FOLDERS, PHASES, Command, Context, NotInThisPhase, NotNow, Phase
from openline.incident.decide import COMMANDS, decide
from openline.incident.event import EVENTS
from openline.incident.state import TASK_STATES, State, TaskState
from tests.incident.plans import COMMANDER, START, declared, harbor


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("command", sorted(DECIDERS, key=str), ids=str)
def test_lists_or_refuses_by_name_every_command_in_every_phase(phase: Phase, command: type[Command]) -> None:
    if phase in DECIDERS[command][1]:
        return
    state = State(phase=phase)
    context = Context(harbor(), START, COMMANDER, START)

    with pytest.raises(NotInThisPhase, match=r"it|incident|level|response|restoration"):
        decide(state, command.model_construct(), context)


@pytest.mark.parametrize("state", TASK_STATES)
@pytest.mark.parametrize("command", sorted({c for cs in tasks.ALLOWED.values() for c in cs}, key=str))
def test_lists_or_refuses_by_name_every_command_for_every_state_of_a_task(
    state: TaskState, command: type[Command]
) -> None:
    log = declared()
    log.do(task_list.AssembleTasks())
    task = next(t for t in log.state.tasks.values() if t.safety and not t.predecessors)
    task.state = state
    wish = command.model_validate({"task": task.id, **_said(command)})

    if command in tasks.ALLOWED[state]:
        log.do(wish)
    else:
        with pytest.raises(NotNow, match=r"can not .+: it "):
            log.do(wish)


def _said(command: type[Command]) -> dict[str, str]:
    return (
        {"to": "Ann"} if command is tasks.AssignTask else {"reason": "why"} if "reason" in command.model_fields else {}
    )


def test_folds_every_event_that_can_be_stored() -> None:
    assert set(EVENTS.values()) == set(FOLDERS)


def test_stores_events_as_noun_and_verb() -> None:
    assert all(name.count(".") == 1 and name == name.lower() for name in EVENTS)


def test_gives_every_task_state_its_row() -> None:
    assert set(tasks.ALLOWED) == set(TASK_STATES) == set(tasks.INSTEAD)
    assert len(COMMANDS) == len(DECIDERS)
