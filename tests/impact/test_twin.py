"""The change-point solver against its minute-by-minute twin on random small graphs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openline.impact.course import at
from openline.impact.timeline import timeline
from openline.scenarios.binding import bind
from tests.impact.plans import plan_of
from tests.oracles.impact_minutes import Need, Node, capacities

MINUTES = 40


@st.composite
def needs(draw: st.DrawFn, before: int) -> Need:
    to = draw(st.lists(st.integers(0, before - 1), min_size=1, max_size=3, unique=True))
    mode = draw(st.sampled_from(["and", "or", "k_of_n"]))
    return Need(
        to=to,
        mode=mode,
        k=draw(st.integers(1, len(to))),
        grace=draw(st.sampled_from([0, 0, 1, 4])),
        switch=draw(st.sampled_from([0, 2, 5])) if mode == "or" else 0,
        effect=draw(st.sampled_from([1.0, 1.0, 0.5])),
    )


@st.composite
def graphs(draw: st.DrawFn) -> list[Node]:
    nodes = []
    for n in range(draw(st.integers(1, 6))):
        starts = draw(
            st.lists(st.tuples(st.integers(0, 20), st.integers(1, 12), st.sampled_from([0.0, 0.0, 0.5])), max_size=2)
        )
        stated = draw(st.lists(needs(n), max_size=2)) if n else []
        nodes.append(Node(stated, [(a, a + length, c) for a, length, c in starts]))
    return nodes


def written(nodes: list[Node]) -> tuple[str, str]:
    """Return the graph as systems.yaml and one scenario."""
    systems, effects = "systems:\n", ""
    for n, node in enumerate(nodes):
        systems += f"  - id: s{n}\n    kind: other\n    needs:\n" if node.needs else f"  - {{id: s{n}, kind: other}}\n"
        for need in node.needs:
            k = f", k: {need.k}" if need.mode == "k_of_n" else ""
            switch = f", switch_s: {need.switch}m" if need.switch else ""
            to = ", ".join(f"s{i}" for i in need.to)
            more = f"{k}{switch}, grace_s: {need.grace}m, capacity_effect: {need.effect}"
            systems += f"      - {{to: [{to}], mode: {need.mode}{more}}}\n"
        for start, end, left in node.hits:
            kind = "down" if left == 0 else f"degraded, factor: {left}"
            effects += (
                f"      - {{selector: {{ids: [s{n}]}}, type: {kind}, start_s: {start}m, duration_s: {end - start}m}}\n"
            )
    none = "      - {selector: {ids: [s0]}, type: degraded, factor: 1}\n"
    head = "scenarios:\n  - id: x\n    duration: {min_s: 1h, typical_s: 1h, max_s: 1h}\n    effects:\n"
    return systems, head + (effects or none)


@settings(max_examples=400, deadline=None)
@given(nodes=graphs())
def test_has_the_capacity_of_its_twin_in_every_minute(nodes: list[Node]) -> None:
    systems, scenarios = written(nodes)
    plan = plan_of(systems=systems, scenarios=scenarios)

    found = timeline(plan, bind(plan, "x"), horizon_s=MINUTES * 60.0)

    for n, row in enumerate(capacities(nodes, MINUTES)):
        solved = [at(found.objects[f"s{n}"], t * 60.0 + 30.0).capacity for t in range(MINUTES)]
        assert solved == pytest.approx(row), f"s{n}"


@settings(max_examples=100, deadline=None)
@given(nodes=graphs())
def test_has_points_in_order_that_differ_and_each_says_why(nodes: list[Node]) -> None:
    systems, scenarios = written(nodes)
    plan = plan_of(systems=systems, scenarios=scenarios)

    found = timeline(plan, bind(plan, "x"), horizon_s=MINUTES * 60.0)

    for course in found.objects.values():
        times = [p.at_s for p in course]
        assert times == sorted(set(times))
        assert course[0].at_s == 0.0
        assert all(p.cause for p in course if p.capacity < 1)
        assert all(0 <= p.capacity <= 1 for p in course)
