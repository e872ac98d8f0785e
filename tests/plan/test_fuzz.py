"""10,000 random mutations of harbor and of a first plan: a plan or problems with file and line, never a traceback."""

import random
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openline.plan.directory import read_directory
from openline.plan.load import load_plan
from openline.start.build import plan_from
from openline.start.questions import questions

HARBOR = Path(__file__).parents[2] / "examples" / "harbor"
JUNK = (
    "-1", "NaN", ".inf", "1e999", "null", "~", "[]", "{}", "'", '"', "]", "}", ": :", "- -", "&a", "*a",
    "!!python/object:os.system x", "\t", "\x00", "\ud7ff", "é" * 300, "2026-13-40", "yes", "0x10", "-5m", "PT",
    "10 years", "99999999999999999999", "? x", "<<: {a: 1}", "%", "quay", "acd", "{to: [acd]}", "---", "...", "# x",
)  # fmt: skip


@cache
def harbor() -> dict[str, str]:
    files, problems = read_directory(HARBOR)
    assert not problems
    return files


@cache
def small() -> dict[str, str]:
    """A first plan of the wizard: a few entities of many sections, so that a mutation costs little."""
    said = {"name": "Lantern", "service": "Orders", "site": "Here", "number": "+442079460000", "carrier": "Brightwave"}
    more = {"isp": "Tidewater", "isp_two": "Northline", "records": "Ledger", "backup": "Vault", "partner": "Beacon"}
    answers = {q.id: (said | more).get(q.id, q.default) for q in questions("group")}
    return plan_from(answers, "group")


def mutated(text: str, chance: random.Random) -> str:
    """Return the text with one thing done to it."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    words = lines[at].split(" ")
    act = chance.randrange(8)
    if act == 0:
        del lines[at]
    elif act == 1:
        lines.insert(at, lines[chance.randrange(len(lines))])
    elif act == 2:
        words[chance.randrange(len(words))] = chance.choice(JUNK)
        lines[at] = " ".join(words)
    elif act == 3:
        lines[at] = " " * chance.randrange(9) + lines[at].lstrip()
    elif act == 4:
        return text[: chance.randrange(len(text) + 1)]
    elif act == 5:
        lines[at] = lines[at].replace(":", chance.choice(("", "::", ": " + chance.choice(JUNK))), 1)
    elif act == 6:
        place = chance.randrange(len(lines[at]) + 1)
        lines[at] = lines[at][:place] + chance.choice(JUNK) + lines[at][place:]
    else:
        other = chance.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


@pytest.mark.parametrize("sign", ["[", "{a: ", "- ", "? "])
def test_survives_a_file_that_is_nested_without_end(sign: str) -> None:
    """The parser's own stack is C: what overflows it ends the process, so another one tries."""
    program = f"from openline.plan.tree import parse; print(parse('systems.yaml', {sign!r} * 300_000)[1][0].message)"

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert (found.returncode, found.stdout.strip()) == (0, "nested too deeply"), found.stderr[-500:]


@pytest.mark.parametrize("number", ["1" + "0" * 400, "0x" + "f" * 5000, "9" * 5000])
def test_tells_of_a_number_that_no_machine_holds_that_it_is_outside(number: str) -> None:
    files = dict(harbor())
    files["activities.yaml"] = re.sub(r"rto_s: .*", f"rto_s: {number}", files["activities.yaml"], count=1)

    loaded = load_plan(files)

    assert [p.path for p in loaded.problems] == ["activities.accidents.rto_s"]


@settings(max_examples=10_000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**63 - 1))
def test_answers_every_mutation_with_a_plan_or_with_problems_that_have_file_and_line(seed: int) -> None:
    chance = random.Random(seed)
    files = dict(harbor() if chance.random() < 0.2 else small())
    for _ in range(chance.randrange(1, 4)):
        name = chance.choice([f for f in files if not f.startswith("overlays/")])
        files[name] = mutated(files[name], chance)

    loaded = load_plan(files)

    assert (loaded.plan is None) == bool(loaded.problems)
    for problem in loaded.problems:
        assert problem.file
        assert problem.message
        assert 0 <= problem.line <= files.get(problem.file, "").count("\n") + 2
