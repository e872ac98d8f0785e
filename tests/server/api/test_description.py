"""The API keeps to its own description: whatever is sent, the answer is one that it lists (issue 4: OpenAPI)."""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import hypothesis
import jsonschema
import pytest
from hypothesis import strategies as st

from tests.server.api.programs import ROOT, Program, told
from tests.server.api.test_api import EVERYTHING

if TYPE_CHECKING:
    from django.test import Client

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["harbor", "quay", "claims", "2026-11-30T10:00:00Z", "yes", "customers", "\x00", "9" * 400])
    | st.sampled_from(["\ud800", 10**400, -(2**63)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


BROKEN = (
    b"", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 50_000, b'{"title": NaN, "value": Infinity}', b"9" * 5000,
    b'{"centre": "harbor", "title": "\\ud800"}',
    b'{"centre": "harbor", "title": "\x00"}', b'"' + b"x" * 3_000_000 + b'"',
)  # fmt: skip
"""Bodies that are no JSON, or none that anybody means."""


@pytest.fixture(scope="module")
def description(_server: None) -> dict[str, Any]:
    """Give the description as a program gets it."""
    from django.test import Client

    found: dict[str, Any] = json.loads(Client(SERVER_NAME="127.0.0.1").get(f"{ROOT}/openapi.json").content)
    return found


def test_describes_itself_to_anybody_without_naming_another_server(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.")
    assert "http" not in json.dumps(description["paths"])
    assert all(o["security"] == [{"token": []}] for p in description["paths"].values() for o in p.values())


def test_answers_nothing_that_it_does_not_describe(description: dict[str, Any], client: "Client") -> None:
    from openline.server.accounts import tokens
    from openline.server.api import door

    program = Program(client, *EVERYTHING)
    incident = told(program.post("/incidents", {"centre": "harbor", "title": "Gas leak", "objects": ["quay"]}))
    operations = [
        (path, method, operation)
        for path, methods in sorted(description["paths"].items())
        for method, operation in methods.items()
    ]

    @hypothesis.settings(max_examples=160, deadline=None, database=None, derandomize=True)
    @hypothesis.given(st.sampled_from(operations), st.data())
    def keeps_to_it(found: tuple[str, str, dict[str, Any]], data: st.DataObject) -> None:
        path, method, operation = found
        for limit in (tokens.USES, door.LIMIT):
            limit.forget()
        pk = data.draw(
            st.sampled_from([str(incident["incident"]["id"]), "0", "999999999999", "9" * 5000, "null", "%00"])
        )
        trigger = data.draw(st.sampled_from(["no-such", "%00", "x" * 300]))
        address = path.removeprefix(ROOT).replace("{pk}", pk).replace("{trigger}", trigger)
        if method == "get":
            answer = program.get(f"{address}?{_asked(data, operation)}")
        else:
            answer = program.post(address, data.draw(_bodies(description, operation)), data.draw(_keys()))

        assert str(answer.status_code) in operation["responses"], (address, answer.status_code, answer.content)
        _conforms(description, operation["responses"][str(answer.status_code)], answer)

    keeps_to_it()


def test_asks_a_program_without_a_token_for_one_at_every_address(description: dict[str, Any]) -> None:
    from django.test import Client

    nobody = Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True)

    for path, methods in description["paths"].items():
        address = path.replace("{pk}", "1").replace("{trigger}", "x")
        for method, operation in methods.items():
            answer = nobody.generic(method.upper(), address, b"{}", content_type="application/json")

            assert answer.status_code == 401, address
            _conforms(description, operation["responses"]["401"], answer)


def _asked(data: st.DataObject, operation: dict[str, Any]) -> str:
    names = [p["name"] for p in operation["parameters"] if p["in"] == "query"]
    words = st.sampled_from(
        ["", "0", "-1", "yes", "x", "9" * 30, "9" * 5000, "%00", "%ff", "%ed%a0%80", "nan", "harbor"]
    )
    return "&".join(f"{n}={data.draw(words)}" for n in names if data.draw(st.booleans()))


def _keys() -> st.SearchStrategy[str]:
    return st.sampled_from(["", "a", "k" * 101, "two words"])


def _bodies(description: dict[str, Any], operation: dict[str, Any]) -> st.SearchStrategy[Any]:
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return st.one_of(_valid_looking(description, schema, 3), VALUES, st.sampled_from(BROKEN))


def _valid_looking(description: dict[str, Any], schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """Return values near a schema: right ones, and ones that break a rule that the schema does not state."""
    if "$ref" in schema:
        return _valid_looking(description, description["components"]["schemas"][schema["$ref"].split("/")[-1]], depth)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of(*(_valid_looking(description, s, depth) for s in schema["anyOf"]))
    if "properties" in schema and depth:
        required = schema.get("required", [])
        parts = {k: _valid_looking(description, s, depth - 1) for k, s in schema["properties"].items()}
        return st.fixed_dictionaries(
            {k: v for k, v in parts.items() if k in required},
            optional={k: v for k, v in parts.items() if k not in required},
        )
    if schema.get("type") == "array" and depth:
        return st.lists(_valid_looking(description, schema.get("items", {}), depth - 1), max_size=2)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.integers(-2, 6),
        "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 9),
        "boolean": st.booleans(),
        "string": st.sampled_from(["quay", "harbor", "customers", "Gas leak", "", "task-1", "2026-11-30T10:00:00Z"]),
    }
    return simple.get(str(schema.get("type")), VALUES)


@cache
def _validator(schema: str) -> Any:
    return jsonschema.Draft202012Validator(json.loads(schema))


def _conforms(description: dict[str, Any], response: dict[str, Any], answer: Any) -> None:
    (kind, content), *_ = response["content"].items()
    assert answer["Content-Type"].startswith(kind)
    whole = {**content["schema"], "components": description["components"]}
    _validator(json.dumps(whole)).validate(told(answer))
