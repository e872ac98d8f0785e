"""A small plan as two A4 pages: what to do first and whom to call; what there is and what is missing."""

import re
from collections.abc import Iterable
from datetime import date
from html import escape

from openline.audit.finding import Finding
from openline.plan.document import Plan
from openline.plan.record import Entity
from openline.units import format_duration as dur

MOST_ROWS = 12
NAME, SENTENCE = 44, 110
"""Most characters of a name and of a sentence; what is longer ends in …, so that two sheets always suffice."""

MUCH = 1900
"""Letters from which a side is set in smaller type."""

SAFETY = (
    '<div class="box"><b>People first.</b> Is anybody hurt or in danger? Call 112, 999 or 911. Leave if you must. '
    "Count everybody. Only then this page.</div>"
)
STYLE = """
@page { size: A4; margin: 14mm }
* { box-sizing: border-box }
body { font: 10.5pt/1.35 "Helvetica Neue", Arial, sans-serif; color: #111; margin: 0 }
section { height: 266mm; overflow: hidden; break-after: page }
section.tight { font-size: 9pt; line-height: 1.25 }
section.tight h1 { font-size: 15pt } section.tight h2 { margin-top: 4mm }
section:last-child { break-after: auto }
h1 { font-size: 19pt; margin: 0 0 2mm } h2 { font-size: 12.5pt; margin: 5mm 0 1.5mm; border-bottom: 0.4mm solid #111 }
p { margin: 1mm 0 } ol, ul { margin: 1mm 0 1mm 7mm; padding: 0 } li { margin: 0.6mm 0 }
table { border-collapse: collapse; width: 100% }
th { font-weight: 600; width: 34% }
td, th { text-align: left; vertical-align: top; padding: 0.8mm 2mm 0.8mm 0; border-bottom: 0.2mm solid #999 }
.write { border-bottom: 0.3mm dotted #333; display: inline-block; min-width: 52mm; height: 5mm }
.foot { font-size: 8.5pt; color: #333; margin-top: 4mm }
.box { border: 0.4mm solid #111; padding: 2.5mm; margin: 2mm 0 }
@media screen { body { max-width: 190mm; margin: 8mm auto; padding: 0 4mm } section { height: auto } }
"""


def printable(plan: Plan, gaps: list[Finding], as_of: date, plan_hash: str) -> str:
    """Return an HTML page that prints on two sheets of A4; long lists are cut and say so."""
    title = _short(plan.organization.title, 60)
    foot = f"Plan {plan_hash[:12]}, printed on {as_of}. Printed copies expire on {_expires(as_of)}."
    first = [
        f"<h1>{title}: when things break</h1>",
        SAFETY,
        "<h2>The first hour</h2>",
        _steps(plan),
        "<h2>Whom to call</h2>",
        _people(plan),
        "<h2>Where calls go</h2>",
        _numbers(plan),
        "<h2>How long we may take</h2>",
        _objectives(plan),
        f'<p class="foot">{foot}</p>',
    ]
    second = [
        f"<h1>{title}: what there is</h1>",
        _table("What we stand on", _things(plan)),
        "<h2>The way back to normal</h2>",
        _steps(plan, ("restore", "stand_down")),
        "<h2>What is missing, the worst first</h2>",
        "<ol>" + "".join(f"<li>{_short(g.message)} <i>{_short(_fix(g), 70)}</i></li>" for g in gaps) + "</ol>",
        '<h2>Log</h2><p>Began <span class="write"></span> noticed by <span class="write"></span></p>',
        "<p>What is not working <span class='write' style='min-width:130mm'></span></p>" * 2,
        f'<p class="foot">{foot} Keep one copy at home.</p>',
    ]
    body = "".join(map(_sheet, (first, second)))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}: plan</title><style>{STYLE}</style><main>{body}</main>"
    )


def _sheet(parts: list[str]) -> str:
    """Return one side of paper, in smaller type when much stands on it."""
    html = "".join(parts)
    size = ' class="tight"' if len(re.sub(r"<[^>]*>", "", html)) > MUCH else ""
    return f"<section{size}>{html}</section>"


def _short(text: str, most: int = SENTENCE) -> str:
    """Return the text, shortened where it is long, safe in HTML."""
    return escape(text if len(text) <= most else text[: most - 1].rstrip() + "…")


def _expires(as_of: date) -> date:
    return date(as_of.year + 1, as_of.month, min(as_of.day, 28))


def _fix(g: Finding) -> str:
    return f"({g.remedy})" if g.result == "fail" else "(not known yet)"


def _steps(
    plan: Plan, phases: tuple[str, ...] = ("safety", "detect", "assess", "notify", "activate", "recover")
) -> str:
    found = sorted((p for p in plan.procedures.values() if p.phase in phases), key=lambda p: phases.index(p.phase))
    rows = [(s.text, plan.roles[s.role].title if s.role in plan.roles else "") for p in found for s in p.steps]
    if not rows:
        return "<p>No steps are written yet.</p>"
    shown = "".join(f"<li>{_short(t)}{f' ({_short(r, NAME)})' if r else ''}</li>" for t, r in rows[:MOST_ROWS])
    return f"<ol>{shown}</ol>" + _more(len(rows))


def _more(count: int) -> str:
    return f"<p>and {count - MOST_ROWS} more in the plan</p>" if count > MOST_ROWS else ""


def _people(plan: Plan) -> str:
    rows = []
    for role in plan.roles.values():
        for n, person in enumerate(role.holders):
            name = plan.persons[person].title
            who = f"{role.title[:24]}: {name}" if n == 0 else f"steps in: {name}"
            known = [c.value for c in plan.persons[person].contacts if c.value]
            rows.append((who, _short(", ".join(known)) or '<span class="write"></span>'))
    rows += [(v.title, '<span class="write"></span>') for v in plan.vendors.values()]
    return _rows(rows)


def _rows(rows: list[tuple[str, str]]) -> str:
    body = "".join(f"<tr><th>{_short(k, 64)}</th><td>{v}</td></tr>" for k, v in rows[:MOST_ROWS])
    return (f"<table>{body}</table>" if rows else "<p>Nothing is known yet.</p>") + _more(len(rows))


def _numbers(plan: Plan) -> str:
    rows = []
    for number in plan.numbers.values():
        ways = " - if that fails: ".join(_short(plan.trunk_groups[w.to].title, NAME) for w in number.routing_plans)
        rows.append((f"{number.title[:NAME]} {number.e164}", ways))
    return _rows(rows)


def _objectives(plan: Plan) -> str:
    rows = []
    for a in plan.activities.values():
        back = "not said" if a.rto_s is None else dur(a.rto_s)
        most = "not said" if a.mtpd_s is None else dur(a.mtpd_s)
        rows.append((a.title, f"back after {back}, never later than {most}; open {_short(a.hours or 'not said', 60)}"))
    return _rows(rows)


def _things(plan: Plan) -> list[tuple[str, str]]:
    def told(title: str, entities: Iterable[Entity]) -> tuple[str, str]:
        names = [e.title for e in entities]
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        return title, _short(", ".join(names[:8])) + more or "none"

    return [
        told("Places", plan.sites.values()),
        told("Batteries and generators", [*plan.ups.values(), *plan.generators.values()]),
        told("Internet", plan.network_paths.values()),
        told("Lines", plan.trunk_groups.values()),
        told("Systems", plan.systems.values()),
        told("Copies of data", plan.backups.values()),
        told("Suppliers", plan.vendors.values()),
        told("Scenarios thought of", plan.scenarios.values()),
    ]


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    return f"<h2>{escape(title)}</h2>{_rows(rows)}"
