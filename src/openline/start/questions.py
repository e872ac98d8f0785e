"""The questions of the wizard, asked on the command line and on a page alike."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from zoneinfo import available_timezones

from openline.plan.hours import spans
from openline.plan.record import NOT_IN_FILES
from openline.units import parse_duration

Template = Literal["one-seat", "two-site", "group"]
TEMPLATES: tuple[Template, ...] = ("one-seat", "two-site", "group")
Answers = dict[str, str]

MOST_CHARS = 120
"""Names are made of answers ("Internet by ..."), and a name has 200 characters."""


class WrongAnswer(ValueError):
    """An answer that can not be used; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question; an empty answer means the value is not known, unless it is needed."""

    id: str
    ask: str
    help: str
    default: str
    parse: Callable[[str], str]
    needed: bool = False
    templates: tuple[Template, ...] = TEMPLATES


def _text(answer: str) -> str:
    if len(answer) > MOST_CHARS:
        raise WrongAnswer(f"at most {MOST_CHARS} characters")
    if NOT_IN_FILES.search(answer) or "\n" in answer or "\t" in answer:
        raise WrongAnswer("one line, without control characters")
    return answer


def _zone(answer: str) -> str:
    if answer not in available_timezones():
        raise WrongAnswer("write a time zone such as Europe/London")
    return answer


def _currency(answer: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", answer):
        raise WrongAnswer("write the three letters of the currency, such as GBP")
    return answer.upper()


def _phone(answer: str) -> str:
    digits = re.sub(r"[ ().-]", "", answer)
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", digits):
        raise WrongAnswer("write the number with its country, such as +44 20 7946 0000")
    return digits


def _hours(answer: str) -> str:
    try:
        spans(answer)
    except ValueError as error:
        raise WrongAnswer(str(error)) from None
    return answer


def _duration(answer: str) -> str:
    try:
        seconds = parse_duration(answer)
    except ValueError as error:
        raise WrongAnswer(str(error)) from None
    if seconds <= 0:
        raise WrongAnswer("longer than nothing: 30m, 4h or 2d")
    return answer


def _count(most: int) -> Callable[[str], str]:
    def parse(answer: str) -> str:
        if not re.fullmatch(r"\d{1,7}", answer) or not 0 <= int(answer) <= most:
            raise WrongAnswer(f"a whole number from 0 to {most}")
        return str(int(answer))

    return parse


def _yes_no(answer: str) -> str:
    found = {"y": "yes", "yes": "yes", "n": "no", "no": "no"}.get(answer.lower())
    if found is None:
        raise WrongAnswer("yes or no")
    return found


def _goal(answer: str) -> str:
    match = re.fullmatch(r"(\d{1,3})\s*%?\s*(?:in|/)\s*(\d{1,4})\s*s?", answer)
    if match is None or not 0 < int(match[1]) <= 100:
        raise WrongAnswer("write a share and seconds, such as 80 in 20")
    return f"{match[1]} in {match[2]}"


LARGER: tuple[Template, ...] = ("two-site", "group")

QUESTIONS: tuple[Question, ...] = (
    Question("name", "What is your organization called?", "As customers know it.", "", _text, needed=True),
    Question("tz", "In which time zone do you work?", "Such as Europe/London.", "Europe/London", _zone, needed=True),
    Question("currency", "In which currency do you count?", "Three letters.", "GBP", _currency),
    Question("service", "What do customers call you for?", "The work that matters most.", "Calls", _text, needed=True),
    Question("number", "Which number do they dial?", "With its country.", "", _phone),
    Question("hours", "When do you answer?", "Such as mon-fri 09:00-17:00, or 24x7.", "mon-fri 09:00-17:00", _hours),
    Question("calls", "How many calls come on a busy day?", "A guess is enough.", "40", _count(1_000_000)),
    Question("aht", "How long does a call take, with the work after it?", "Such as 5m.", "5m", _duration),
    Question("goal", "How many do you want to answer, and how soon?", "Such as 80 in 20 (seconds).", "80 in 20", _goal),
    Question("mtpd", "How long may this be away before the harm is too much?", "Such as 8h.", "8h", _duration),
    Question("rto", "By when do you want it back, if only just?", "Less than the answer before.", "4h", _duration),
    Question("agents", "How many people answer at the busiest time?", "One is fine.", "1", _count(20_000)),
    Question("site", "Where do you work?", "The name of the place.", "The office", _text, needed=True),
    Question("lead", "Who leads when things break?", "The job, not the name.", "Owner", _text),
    Question("deputy", "Who steps in when they are away?", "Empty when nobody does.", "", _text),
    Question("private", "Can both be reached without the company's phones and mail?", "yes or no", "yes", _yes_no),
    Question("carrier", "Who brings your calls?", "The telephone company.", "", _text),
    Question("other_way", "Where can calls go when that line is dead?", "A mobile, another carrier.", "", _text),
    Question("isp", "Who brings your internet?", "The provider.", "", _text),
    Question("isp_two", "Is there a second provider?", "Its name, or empty.", "", _text),
    Question("battery", "How long does a battery carry phones and computers?", "Empty when none does.", "", _duration),
    Question("generator", "How long does a generator's fuel last?", "Empty when there is none.", "", _duration),
    Question("phone_system", "What answers and spreads the calls?", "The system's name.", "Phone system", _text),
    Question("phone_cloud", "Does it run in somebody's cloud?", "yes or no", "yes", _yes_no),
    Question("records", "Where do you keep what you know of customers?", "Its name; empty if nowhere.", "", _text),
    Question("paper", "Can you work on paper without it?", "yes or no", "no", _yes_no),
    Question("backup", "Where does a copy of it lie?", "Another building or a cloud; or empty.", "", _text),
    Question("home", "How many of you can work from home?", "Who has tried it.", "0", _count(20_000)),
    Question("second_site", "What is the other site called?", "A place that could take over.", "Second site", _text,
             templates=LARGER),
    Question("partner", "Which partner takes calls when you can not?", "Empty when none does.", "", _text,
             templates=("group",)),
)  # fmt: skip
"""In the order in which they are asked; thirty at most for any template."""


def questions(template: Template) -> tuple[Question, ...]:
    """Return the questions of a template."""
    return tuple(q for q in QUESTIONS if template in q.templates)


def checked(question: Question, answer: str) -> str:
    """Return the answer as it will be used; raises WrongAnswer with what to write instead."""
    answer = answer.strip()
    if not answer:
        if question.needed:
            raise WrongAnswer("this one is needed")
        return ""
    return question.parse(answer)
