"""A rule: one function whose docstring is its page, and the table that holds them all."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openline.audit.finding import Severity, Verdict
from openline.audit.ground import Ground

Verdicts = Iterator[Verdict]
Judge = Callable[[Ground], Verdicts]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and its page: what is wrong, why it matters (with its source), how it is computed, how to mend it."""

    id: str
    severity: Severity
    serves: tuple[str, ...]
    group: str
    name: str
    judge: Judge
    what: str
    why: str
    computed: str
    remedy: str
    fragment: str


RULES: dict[str, Rule] = {}


class RuleMadeWrong(TypeError):
    """A rule whose docstring lacks a part, or whose id is taken."""


def rule(rule_id: str, severity: Severity, serves: str) -> Callable[[Judge], Judge]:
    """Enter a function in the table; `serves` names requirement ids, a blank between them."""

    def enter(judge: Judge) -> Judge:
        if rule_id in RULES:
            raise RuleMadeWrong(f"{rule_id} stands twice")
        text = inspect.cleandoc(judge.__doc__ or "")
        RULES[rule_id] = Rule(
            id=rule_id,
            severity=severity,
            serves=tuple(serves.split()),
            group=_group(judge.__module__),
            name=judge.__name__,
            judge=judge,
            what=text.partition("\n")[0],
            why=_part(text, "Why", rule_id),
            computed=_part(text, "Computed", rule_id),
            remedy=_part(text, "Fix", rule_id),
            fragment=_fragment(text),
        )
        return judge

    return enter


def _group(module: str) -> str:
    """Return the group of a rule's module: its name under `rules`, or that of the package that it is part of."""
    return module.partition(".rules.")[2].partition(".")[0]


def _part(text: str, name: str, rule_id: str) -> str:
    match = re.search(rf"^{name}: (.+?)(?=\n[A-Z][a-z]+: |\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    if match is None:
        raise RuleMadeWrong(f"{rule_id}: the docstring has no {name}:")
    return " ".join(match[1].split())


def _fragment(text: str) -> str:
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    return "\n".join(lines)
