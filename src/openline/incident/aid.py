"""The decision aid: at most seven questions propose a level and say why (MON-04)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from openline.plan.record import Record, Text

YesNo = Literal["yes", "no", "unknown"]


class AidAnswers(Record):
    """What is known in the first minutes; what is not known is `unknown`, never `no`."""

    danger: YesNo = "unknown"
    site_lost: YesNo = "unknown"
    queues_hit: Literal["none", "one", "several", "unknown"] = "unknown"
    below_minimum: YesNo = "unknown"
    lasts_over_rto: YesNo = "unknown"
    spreading: YesNo = "unknown"
    outside_attention: YesNo = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the aid; `choices` in the order in which they are shown."""

    field: str
    text: str
    choices: tuple[str, ...]


_YES_NO = ("yes", "no", "unknown")
QUESTIONS: tuple[Question, ...] = (
    Question("danger", "Is anybody in danger?", _YES_NO),
    Question("site_lost", "Is a site lost, or may nobody go in?", _YES_NO),
    Question("queues_hit", "How many queues or activities are hit?", ("none", "one", "several", "unknown")),
    Question("below_minimum", "Is a critical activity below its minimum service?", _YES_NO),
    Question("lasts_over_rto", "Will it last longer than the recovery time objective?", _YES_NO),
    Question("spreading", "Is it still spreading, or is the cause unknown?", _YES_NO),
    Question("outside_attention", "Must a regulator be told, or do press or public notice?", _YES_NO),
)

Rule = tuple[int, Callable[[AidAnswers], bool], Text]
RULES: tuple[Rule, ...] = (
    (3, lambda a: a.danger == "yes", "people are in danger"),
    (3, lambda a: a.site_lost == "yes", "a site can not be used"),
    (1, lambda a: a.queues_hit == "unknown", "it is not known what is hit, so somebody must watch"),
    (2, lambda a: a.queues_hit == "one", "one activity is hit"),
    (3, lambda a: a.queues_hit == "several", "several activities are hit"),
    (2, lambda a: a.below_minimum == "yes", "a critical activity is below its minimum"),
    (3, lambda a: a.below_minimum == "yes" and a.lasts_over_rto == "yes", "and it will last longer than its objective"),
    (3, lambda a: a.lasts_over_rto == "yes" and a.queues_hit in ("one", "several"), "it outlasts the recovery time"),
    (2, lambda a: a.spreading == "yes" and a.queues_hit != "none", "it is spreading, or its cause is unknown"),
    (1, lambda a: a.spreading == "yes", "it may still spread"),
    (4, lambda a: a.outside_attention == "yes" and "yes" in (a.danger, a.below_minimum), "the outside must hear soon"),
    (2, lambda a: a.outside_attention == "yes", "a regulator, the press or the public is involved"),
)  # fmt: skip
"""Each rule with the level it asks for; the highest that holds is proposed (assumed, from glossary 2.5)."""


def propose(answers: AidAnswers) -> tuple[int, tuple[str, ...]]:
    """Return (level, reasons): the highest level that a rule asks for, with every rule that asks for that level."""
    held = [(level, text) for level, holds, text in RULES if holds(answers)]
    if not held:
        return 0, ("nothing that was answered asks for a response",)
    level = max(x for x, _ in held)
    return level, tuple(text for x, text in held if x == level)
