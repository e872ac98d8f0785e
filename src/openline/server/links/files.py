"""Forms as files: the workbook that goes out, and what would change by one that comes back."""

import io
from dataclasses import dataclass
from datetime import date
from typing import IO

from openline.exchange.answers import ANSWERS, Answers, Clash, Flat, Key, answer, flat
from openline.exchange.merge import merge
from openline.exchange.owner import owner_workbook
from openline.exchange.questionnaire import PIECES, read_questionnaire, write_questionnaire
from openline.exchange.verdicts import Verdict
from openline.exchange.workbook import ORGANIZATION, Read, read_workbook
from openline.plan.document import Plan
from openline.plan.overlay import entity_id
from openline.plan.vendors import QUESTIONS
from openline.server.links.forms import label_of, may_change
from openline.server.links.store import Subject
from openline.server.plans.models import Revision
from openline.server.plans.store import plan_of

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES = 2_000_000
MOST_UNPACKED = 10_000_000
MOST_CHANGES = 400
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One field that a file would change."""

    name: str
    title: str
    field: str
    label: str
    now: str
    then: str
    clash: Clash | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would change, and what it says of each thing; or what is wrong with it."""

    lines: tuple[Line, ...] = ()
    verdicts: tuple[tuple[str, Verdict], ...] = ()
    problems: tuple[str, ...] = ()
    more: int = 0

    @property
    def clashes(self) -> int:
        return sum(line.clash is not None for line in self.lines)


def form_file(asked: Subject) -> bytes:
    """Return the workbook for whoever is asked."""
    if asked.kind == "owner":
        return owner_workbook(asked.part, asked.id, asked.revision.content_hash)
    target = io.BytesIO()
    write_questionnaire(asked.plan, asked.plan.vendors[asked.id], target)
    return target.getvalue()


def preview(asked: Subject, source: IO[bytes], name: str, on: date) -> Preview:
    """Return what a file would change in the plan that is in force; nothing is changed by it."""
    reads = _owner_file if asked.kind == "owner" else _vendor_file
    return reads(asked, source, name[:80], on)


def _wrong(problems: list[str]) -> Preview:
    return Preview(problems=tuple(problems[:MOST_TOLD]), more=max(0, len(problems) - MOST_TOLD))


def _vendor_file(asked: Subject, source: IO[bytes], name: str, on: date) -> Preview:
    answered = read_questionnaire(source, name, on, most_unpacked=MOST_UNPACKED)
    if answered.vendor not in ("", asked.id):
        return _wrong(["This is another vendor’s form. Download the form of this page and fill that in."])
    if answered.problems:
        return _wrong([str(p) for p in answered.problems])
    came = answered.questionnaire["answers"]
    fields = {f"{ANSWERS}.{q}.{p}": str(came.get(q, {}).get(p, "")) for q in QUESTIONS for p in PIECES}
    fields |= answered.besides
    key = ("vendors", asked.id)
    return _compared(asked, asked.plan, {key: fields}, (), on)


def _owner_file(asked: Subject, source: IO[bytes], name: str, on: date) -> Preview:
    read = read_workbook(source, name, most_unpacked=MOST_UNPACKED)
    problems = [str(p) for p in read.problems] or _not_theirs(asked, read)
    if problems or read.form is None:
        return _wrong(problems)
    merged = merge(asked.revision.files, read, "update")
    if merged.plan is None:
        return _wrong([str(p) for p in merged.problems])
    base = Revision.objects.filter(slug=asked.slug, content_hash=read.form.based_on).first()
    before = plan_of(base) if base is not None else asked.plan
    typed: dict[Key, Flat] = {}
    for collection, trees in read.document.items():
        for key in ((collection, entity_id(t) or "") for t in trees):
            found = flat(merged.plan.collection(collection)[key[1]])
            known = before.collection(collection).get(key[1]) or asked.part.collection(collection)[key[1]]
            typed[key] = {k: found.get(k, "") for k in {**flat(known), **found}}
    return _compared(asked, before, typed, read.form.verdicts, on)


def _not_theirs(asked: Subject, read: Read) -> list[str]:
    """Return what does not belong into the form of this owner."""
    again = "Download the form of this page and fill that in."
    if read.form is None:
        return [f"This is not the form that was asked for: it has no sheet of answers. {again}"]
    if read.form.role != asked.id:
        return [f"This is another owner's form. {again}"]
    if read.organization is not None or read.tables:
        return [f"The form has no sheet {ORGANIZATION if read.organization else 'tables'!r}. {again}"]
    keys = [(c, entity_id(t) or "(no id)") for c, trees in read.document.items() for t in trees]
    keys += [(v.collection, v.id) for v in read.form.verdicts]
    return [
        f"Sheet {c}: {i[:60]} is not among what {asked.title} answers for."
        for c, i in dict.fromkeys(keys)
        if i not in asked.part.collection(c)
    ]


def _compared(asked: Subject, before: Plan, typed: dict[Key, Flat], verdicts: tuple[Verdict, ...], on: date) -> Preview:
    lines: list[Line] = []
    changes: dict[Key, Flat] = {}
    kept: list[str] = []
    for key, fields in typed.items():
        entity = asked.part.collection(key[0])[key[1]]
        now, was = flat(entity), flat(before.collection(key[0]).get(key[1]) or entity)
        for name, value in fields.items():
            is_now, base = now.get(name, ""), was.get(name, "")
            if value in (base, is_now):
                continue
            if not may_change(asked, key[0], name):
                kept.append(f"{entity.title}: {name} is not changed by a form.")
                continue
            clash = Clash(base, is_now, value) if is_now != base else None
            lines.append(Line(f"{key[0]}:{key[1]}:{name}", entity.title, name, label_of(name), is_now, value, clash))
            changes.setdefault(key, {})[name] = value
    role = asked.id if asked.kind == "owner" else None
    tried = answer(asked.revision.files, asked.plan, asked.plan, Answers(role, "", on, changes, verdicts))
    wrong = [*kept, *(f"{i}, {f}: {m}" for (_, i, f), m in tried.errors.items()), *tried.others]
    if wrong:
        return _wrong(wrong)
    if len(lines) > MOST_CHANGES:
        return _wrong([f"{len(lines)} fields would change; {MOST_CHANGES} are the most at once. Send it in parts."])
    named = tuple((asked.part.collection(v.collection)[v.id].title, v) for v in verdicts)
    return Preview(tuple(lines), named)
