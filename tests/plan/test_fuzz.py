"""10,000 random mutations of harbor and of a first plan: a plan or problems with file and line, never a traceback."""

import random
from functools import cache
from pathlib import Path

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
