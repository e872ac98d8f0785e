"""openline now, as its users run it."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from openline.reference.schema import room_schemas
from tests.cli.conftest import ROOT, Run

PAGE = (ROOT / "docs" / "now.md").read_text()
SNAPSHOT, ROLL_CALL = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
WORDS = ("now", "examples/harbor", "--fail", "quay", "--since", "2026-11-30T10:00", "--at", "2026-11-30T10:25")


def test_answers_the_example_of_its_page(run: Run, tmp_path: Path) -> None:
    (tmp_path / "snapshot.json").write_text(SNAPSHOT)
    (tmp_path / "roll-call.json").write_text(ROLL_CALL)
    files = ("--snapshot", str(tmp_path / "snapshot.json"), "--roll-call", str(tmp_path / "roll-call.json"))

    text = run(*WORDS, *files, "--replications", "5")
    found = run(*WORDS, *files, "--replications", "5", "--format", "json")

    assert text.returncode == found.returncode == 0, text.stderr + found.stderr
    said = json.loads(found.stdout)
    assert said["sources"]["queue.mail.waiting"] == "snapshot, waits so far drawn"
    assert said["nothing"]["queues"][0]["there_already"]["waiting"]["mean"] == 3.0
    best = next(line for line in text.stdout.splitlines() if line.startswith("Best: "))
    assert said["options"][0]["title"] in best


@pytest.mark.parametrize(("name", "text"), [("snapshot", SNAPSHOT), ("roll-call", ROLL_CALL)])
def test_has_a_schema_for_what_is_handed_in(name: str, text: str) -> None:
    schema = json.loads(room_schemas()[f"{name}.schema.json"])

    jsonschema.validate(json.loads(text), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"groups": {"x": {"colour": 1}}}, schema)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--snapshot", "missing.json"), "can not be read"),
        (("--under-way", "call-out-beacon-overflow"), "write OPTION@TIME"),
        (("--unknown", "guess"), "simulated or empty"),
        (("--until", "2026-11-30T09:00"), "before it failed"),
    ],
)
def test_says_what_to_do_when_used_wrongly(run: Run, words: tuple[str, ...], says: str) -> None:
    found = run(*WORDS, *words)

    assert found.returncode == 2
    assert says in found.stderr
    assert found.stdout == ""
