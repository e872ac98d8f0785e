"""The log: hash chain, late entries, corrections, folding again (invariants 4 and 14, ACT-02, ACT-08)."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openline.incident import record, roll_call, task_list
from openline.incident.command import Refused
from openline.incident.entry import BrokenChain, as_json, entries_of, verify
from openline.incident.opening import Report
from openline.incident.state import State, fold
from tests.incident.plans import COMMANDER, ROOT, Log, declared, reported


def busy() -> Log:
    log = declared()
    log.do(task_list.AssembleTasks())
    log.do(roll_call.OpenRollCall())
    log.do(roll_call.ReportPerson(person="ops-head", safe="safe", able=True, where="home"))
    log.do(record.WriteNote(text="Fire brigade is here"), late_s=600)
    log.do(record.CorrectEntry(seq=1, text="It was Dock Street"))
    return log


def test_folds_an_exported_log_to_the_same_state() -> None:
    log = busy()

    again = fold(entries_of([as_json(e) for e in log.entries]))

    assert again == log.state


def test_verifies_its_own_log_without_knowing_any_event() -> None:
    lines = [json.loads(json.dumps(as_json(e))) for e in busy().entries]

    assert verify(lines) == (len(lines), lines[-1]["hash"])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_sees_any_change_of_any_entry(data: st.DataObject) -> None:
    lines = [as_json(e) for e in busy().entries]
    at = data.draw(st.integers(0, len(lines) - 1))
    key = data.draw(st.sampled_from(sorted(lines[at])))
    lines[at] = lines[at] | {key: data.draw(st.text(min_size=1).filter(lambda t: t != lines[at][key]))}

    with pytest.raises(BrokenChain):
        verify(lines)


def test_sees_an_entry_that_was_taken_out() -> None:
    lines = [as_json(e) for e in busy().entries]

    with pytest.raises(BrokenChain, match="entry 2"):
        verify([lines[0], *lines[2:]])


def test_keeps_when_something_happened_and_when_it_was_entered() -> None:
    log = busy()
    late = next(n for n in log.state.notes if n.text.startswith("Fire"))

    assert late.entered_at - late.at == timedelta(minutes=10)


def test_refuses_what_happened_in_the_future() -> None:
    with pytest.raises(Refused, match="future"):
        declared().do(record.WriteNote(text="x"), late_s=-60)


@pytest.mark.parametrize(("stamp", "then", "late_s"), [("full", "resumed", 0), ("restored", "full", 0)])
def test_keeps_the_stamps_in_order(stamp: str, then: str, late_s: float) -> None:
    log = declared()
    log.do(record.SetStamp(stamp=stamp), late_s=30)

    with pytest.raises(Refused, match="can not lie on that side"):
        log.do(record.SetStamp(stamp=then))


def test_refuses_a_command_before_anything_is_folded() -> None:
    log = reported("quay")
    before = fold(log.entries, State())

    with pytest.raises(Refused):
        log.do(Report(title="Again", plan_slug="harbor", plan_hash="0" * 64), COMMANDER)

    assert log.state == before


def test_folds_every_log_of_an_earlier_format() -> None:
    for path in sorted((ROOT / "tests" / "incident" / "formats").glob("*.json")):
        lines = json.loads(path.read_text(encoding="utf-8"))
        state = fold(entries_of(lines))
        assert state.last_seq == len(lines), path.name
