"""The wizard: at most thirty questions to a valid plan, its ten gaps and two pages (MNT-06)."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import sync_playwright

from openline.audit.run import audit
from openline.plan.document import Plan
from openline.plan.load import load_plan
from openline.start.build import plan_from
from openline.start.gaps import top_gaps
from openline.start.printable import printable
from openline.start.questions import QUESTIONS, TEMPLATES, Answers, Template, WrongAnswer, checked, questions
from tests.examples.test_harbor import harbor

AS_OF = date(2026, 11, 1)
CHROMIUM = Path("/usr/bin/chromium")
SAID = {"name": "Corner Repairs", "service": "Repairs", "site": "The shop", "number": "+44 20 7946 0000"}


def answered(template: Template, **more: str) -> Answers:
    said = {**SAID, **more}
    return {q.id: checked(q, said.get(q.id, q.default)) for q in questions(template)}


def planned(template: Template, **more: str) -> Plan:
    found = load_plan(plan_from(answered(template, **more), template))
    assert found.plan is not None, "\n".join(map(str, found.problems))
    return found.plan


@pytest.mark.parametrize("template", TEMPLATES)
def test_asks_thirty_questions_at_most(template: Template) -> None:
    assert 20 <= len(questions(template)) <= 30
    assert len({q.id for q in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize(("template", "sites"), [("one-seat", 1), ("two-site", 2), ("group", 2)])
def test_makes_a_valid_plan_with_ten_gaps(template: Template, sites: int) -> None:
    files = plan_from(
        answered(template, partner="Helpers Ltd") if template == "group" else answered(template), template
    )
    loaded = load_plan(files)
    assert loaded.plan is not None

    gaps = top_gaps(audit(loaded, AS_OF))

    assert len(loaded.plan.sites) == sites
    assert len(gaps) == 10
    assert len({g.rule for g in gaps}) == 10
    assert gaps[0].severity == "critical"
    assert {"AR-050", "AR-085"} <= {g.rule for g in gaps}


def test_says_what_was_answered_and_nothing_else() -> None:
    plan = planned("one-seat", other_way="The mobile", deputy="Partner", battery="20m", records="Notebook", paper="yes")

    assert plan.numbers["main-number"].e164 == "+442079460000"
    assert [w.to for w in plan.numbers["main-number"].routing_plans] == ["line", "other-way"]
    assert plan.roles["lead"].alternates == ("deputy-person",)
    assert plan.ups["battery"].runtime_at_load_s == 1200
    assert plan.systems["records"].manual_workaround is not None
    assert plan.activities["service"].minimum_capacity is None
    assert plan.generators == {}
    assert "patience_s" in plan.activities["service"].provenance


def test_closes_gaps_with_better_answers() -> None:
    bare, better = (audit(load_plan(plan_from(a, "one-seat")), AS_OF) for a in (
        answered("one-seat"), answered("one-seat", other_way="The mobile", deputy="Partner")))  # fmt: skip

    assert {"AR-050", "AR-085"} <= {f.rule for f in bare.failures}
    assert not {"AR-050", "AR-085"} & {f.rule for f in better.failures}


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        ("name", " ", "needed"),
        ("tz", "Mars/Base", "time zone"),
        ("number", "020 7946", "with its country"),
        ("hours", "late", "are not hours"),
        ("rto", "soon", "not a duration"),
        ("rto", "0s", "longer than nothing"),
        ("agents", "-1", "whole number"),
        ("goal", "fast", "80 in 20"),
        ("private", "perhaps", "yes or no"),
        ("lead", "x" * 121, "120 characters"),
    ],
)
def test_says_what_to_write_instead(name: str, answer: str, says: str) -> None:
    question = next(q for q in QUESTIONS if q.id == name)

    with pytest.raises(WrongAnswer, match=says):
        checked(question, answer)


@pytest.mark.parametrize("template", TEMPLATES)
def test_makes_a_valid_plan_of_the_longest_answers(template: Template) -> None:
    said: Answers = {}
    for q in questions(template):
        try:
            said[q.id] = checked(q, "N" * 120)
        except WrongAnswer:
            said[q.id] = checked(q, SAID.get(q.id, q.default))

    assert load_plan(plan_from(said, template)).problems == ()


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=120)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TEMPLATES), st.data())
def test_makes_a_valid_plan_of_any_answers_that_it_takes(template: Template, data: st.DataObject) -> None:
    said: Answers = {}
    for q in questions(template):
        text = data.draw(st.one_of(st.just(q.default), WORDS, st.just(""), st.sampled_from(["1", "0", "4h", "yes"])))
        try:
            said[q.id] = checked(q, text)
        except WrongAnswer:
            said[q.id] = checked(q, SAID.get(q.id, q.default))

    found = load_plan(plan_from(said, template))

    assert found.plan is not None, found.problems[:3]
    assert audit(found, AS_OF).findings


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not here")
@pytest.mark.parametrize("which", ["one-seat", "long-names", "harbor"])
def test_prints_on_two_sheets_of_a4(which: str, tmp_path: Path) -> None:
    short = {"deputy": "Partner", "carrier": "Carrier", "isp": "Provider"}
    named = ("name", "service", "site", "lead", "deputy", "carrier", "isp", "records", "backup", "other_way")
    said = {n: f"A rather long name for the {n} " * 6 for n in named} if which == "long-names" else short
    files = plan_from(answered("one-seat", **{k: v[:120] for k, v in said.items()}), "one-seat")
    loaded = load_plan(files)
    gaps = top_gaps(audit(loaded, AS_OF))
    plan = harbor() if which == "harbor" else loaded.plan
    assert plan is not None
    html = printable(plan, gaps, AS_OF, "0" * 64)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": int(182 * 96 / 25.4), "height": 1000})
        page.emulate_media(media="print")
        page.set_content(html)
        tall = page.evaluate("[...document.querySelectorAll('section')].map(s => s.scrollHeight)")
        pdf = page.pdf(format="A4", prefer_css_page_size=True)
        browser.close()
    (tmp_path / "plan.pdf").write_bytes(pdf)

    sheets = pdf.count(b"/Type /Page\n") or pdf.count(b"/Type /Page ") or pdf.count(b"/Type /Page/")
    assert sheets == 2
    assert "People first" in html
    if which != "harbor":
        assert max(tall) <= 266 * 96 / 25.4 + 2, "something was cut off"


def test_escapes_what_people_wrote() -> None:
    html = printable(planned("one-seat", name="<script>alert(1)</script>"), [], AS_OF, "0" * 64)

    assert "<script>" not in html
