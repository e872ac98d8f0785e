"""Answers from outside laid over a plan field by field: what somebody else changed meanwhile is never overwritten.

An entity is held flat: text by field as people type it. The ratings of an activity and the answers of a vendor's
questionnaire, which a workbook holds in one cell, are fields of their own here.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openline.exchange.columns import document_of
from openline.exchange.csv_files import typed_cells
from openline.exchange.documents import Laid, relaid
from openline.exchange.verdicts import Verdict, action_for, reviewed
from openline.plan.document import Plan
from openline.plan.problem import Problem
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS

Flat = dict[str, str]
Key = tuple[str, str]
"""Collection and id."""
Place = tuple[str, str, str]
"""Collection, id and field."""

RATINGS, ANSWERS = "impact", "questionnaire.answers"
_INDEX = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that was answered while somebody else changed it: what it was, what it is now, what was typed."""

    before: str
    now: str
    typed: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What came: fields by entity, verdicts, whose they are, who typed them, and the day."""

    role: str | None
    who: str
    on: date
    typed: Mapping[Key, Flat]
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The files that come of it; or what stands in the way, by field, and in general."""

    files: dict[str, str]
    errors: dict[Place, str]
    clashes: dict[Place, Clash]
    others: tuple[str, ...] = ()


def flat(entity: Entity) -> Flat:
    """Return what an entity states, by field."""
    found = typed_cells(entity)
    for kind, ratings in json.loads(found.pop(RATINGS, "{}")).items():
        found |= {f"{RATINGS}.{kind}.{n}": str(r) for n, r in enumerate(ratings) if r is not None}
    for question, parts in json.loads(found.pop(ANSWERS, "{}")).items():
        found |= {f"{ANSWERS}.{question}.{part}": str(value) for part, value in parts.items() if value != ""}
    return found


def document(collection: str, fields: Flat, steps: int) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the document of a flat entity, and (field, message) of what can not be read."""
    row: dict[str, Any] = {k: v for k, v in fields.items() if not k.startswith((f"{RATINGS}.", f"{ANSWERS}."))}
    ratings, answers = _ratings(fields, steps), _answers(fields)
    if ratings:
        row[RATINGS] = json.dumps(ratings)
    if answers:
        row[ANSWERS] = json.dumps(answers)
    return document_of(row, COLLECTIONS[collection].model)


def _ratings(fields: Flat, steps: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, value in fields.items():
        if name.startswith(f"{RATINGS}.") and value.strip():
            _, kind, step = name.split(".")
            text = value.strip()
            found.setdefault(kind, [None] * steps)
            if int(step) < steps:
                found[kind][int(step)] = int(text) if re.fullmatch(r"\d{1,3}", text) else text
    return found


def _answers(fields: Flat) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        if name.startswith(f"{ANSWERS}.") and value.strip():
            question, part = name.removeprefix(f"{ANSWERS}.").split(".")
            found.setdefault(question, {})[part] = value.strip()
    return found


def three_way(before: Flat, typed: Flat, now: Flat) -> tuple[Flat, dict[str, Clash]]:
    """Return what comes of laying what was typed over what is now; `typed` holds only the fields that were asked.

    A field left as it was stays as it is now. One that was changed is taken, unless somebody else changed it
    meanwhile to something else: that is a clash, and what is now stays until somebody has looked at both.
    """
    found, clashes = dict(now), {}
    for name, value in typed.items():
        was, is_now = before.get(name, ""), now.get(name, "")
        if value in (was, is_now):
            continue
        if is_now != was:
            clashes[name] = Clash(was, is_now, value)
        else:
            found[name] = value
    return {k: v for k, v in found.items() if v.strip()}, clashes


def answer(files: Mapping[str, str], now: Plan, before: Plan, answers: Answers) -> Outcome:
    """Lay answers over the plan in `files`, which is `now`; `before` is the plan that whoever answered looked at."""
    gone = [k for k in (*answers.typed, *((v.collection, v.id) for v in answers.verdicts)) if not _is_in(now, k)]
    if gone:
        return Outcome({}, {}, {}, tuple(f"{c} {i} is no longer in the plan" for c, i in dict.fromkeys(gone)))
    documents, errors, clashes = _typed(now, before, answers)
    others = _judged(now, before, answers, documents)
    new, wrong = relaid(files, [Laid(c, i, d) for (c, i), d in documents.items()])
    at_fields, more = _told(wrong, documents)
    errors = {**at_fields, **errors}
    others += more
    stands_in_the_way = errors or clashes or others
    return Outcome({} if stands_in_the_way else new, errors, clashes, tuple(others))


def _is_in(plan: Plan, key: Key) -> bool:
    return key[0] in COLLECTIONS and key[1] in plan.collection(key[0])


def _before(before: Plan, now: Plan, key: Key) -> Entity:
    collection, name = key
    there = before.collection(collection)
    return there[name] if name in there else now.collection(collection)[name]


def _typed(
    now: Plan, before: Plan, answers: Answers
) -> tuple[dict[Key, dict[str, Any]], dict[Place, str], dict[Place, Clash]]:
    documents: dict[Key, dict[str, Any]] = {}
    errors: dict[Place, str] = {}
    clashes: dict[Place, Clash] = {}
    for key, typed in answers.typed.items():
        collection, name = key
        entity = now.collection(collection)[name]
        fields, found = three_way(flat(_before(before, now, key)), typed, flat(entity))
        clashes |= {(*key, k): c for k, c in found.items()}
        if collection in DATED:
            fields |= DATED[collection](answers)
        found_document, problems = document(collection, fields, len(now.organization.impact_scale.steps_s))
        errors |= {(*key, k): message for k, message in problems}
        documents[key] = found_document
    return documents, errors, clashes


def _analysis(answers: Answers) -> Flat:
    day = answers.on.isoformat()
    return {"bia.done_on": day, "last_reviewed": day} | ({"bia.interviewee": answers.role} if answers.role else {})


def _questionnaire(answers: Answers) -> Flat:
    return {"questionnaire.on": answers.on.isoformat(), "questionnaire.score": ""}


DATED = {"activities": _analysis, "vendors": _questionnaire}
"""What is dated by being answered."""


def _judged(now: Plan, before: Plan, answers: Answers, documents: dict[Key, dict[str, Any]]) -> list[str]:
    """Lay the verdicts over the documents; returns what they can not be laid over."""
    others = []
    steps = len(now.organization.impact_scale.steps_s)
    actions: dict[str, object] = dict(now.corrective_actions)
    for v in answers.verdicts:
        key = (v.collection, v.id)
        entity = now.collection(v.collection)[v.id]
        if not v.is_right:
            action = action_for(v, entity.title, answers.role or "", answers.who, answers.on, actions)
            actions[action["id"]] = action
            documents["corrective_actions", action["id"]] = action
        elif entity != _before(before, now, key):
            others.append(f"{entity.title} was changed meanwhile: look at it again before you say that it is right")
        else:
            there = documents.get(key) or document(v.collection, flat(entity), steps)[0]
            documents[key] = reviewed(there, answers.on, answers.role)
    return others


def _told(problems: tuple[Problem, ...], documents: Mapping[Key, object]) -> tuple[dict[Place, str], list[str]]:
    """Return the problems beside their fields, and the rest."""
    errors: dict[Place, str] = {}
    others = []
    for p in problems:
        message = f"{p.message} {f'({p.hint})' if p.hint else ''}".strip()
        key = next((k for k in documents if p.path.startswith(f"{k[0]}.{k[1]}.")), None)
        if key is None:
            others.append(f"{p.path}: {message}")
        else:
            field = _INDEX.sub(r".\1", p.path.removeprefix(f"{key[0]}.{key[1]}."))
            errors.setdefault((*key, field), message)
    return errors, others
