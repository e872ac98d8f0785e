"""Agents: how many a minimum needs, and who can serve what, against slow and obvious twins."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openline.audit.people import agents_for, assigned
from openline.queueing import erlang_a, erlang_c


@pytest.mark.parametrize(("rate_per_h", "aht_s", "agents"), [(200, 180, 14), (360, 240, 29)])
def test_needs_the_agents_of_the_glossary_for_80_in_20(rate_per_h: float, aht_s: float, agents: int) -> None:
    """Glossary 2.4: 100 calls per 30 min of 180 s need 14, 360 an hour of 240 s need 29 (Erlang C)."""
    assert agents_for(rate_per_h / 3600, aht_s, None, 0.8, 20) == agents


@settings(max_examples=60, deadline=None)
@given(st.floats(1, 400), st.floats(30, 900), st.floats(20, 600), st.floats(0.1, 0.95), st.floats(0, 120))
def test_needs_no_agent_more_than_its_twin_that_counts_up(
    per_h: float, aht_s: float, patience_s: float, x: float, t_s: float
) -> None:
    def level(n: int) -> float:
        found = erlang_a(arrivals_per_s=per_h / 3600, aht_s=aht_s, agents=n, patience_s=patience_s, target_s=t_s)
        return found.service_level or 0.0

    slow = next(n for n in itertools.count(1) if level(n) >= x)

    assert agents_for(per_h / 3600, aht_s, patience_s, x, t_s) == slow


def test_needs_nobody_when_nobody_calls_and_works_for_one_seat_and_for_5000() -> None:
    """IMP-17."""
    assert agents_for(0.0, 300, 60, 0.8, 20) == 0
    assert agents_for(0.2 / 3600, 300, 60, 0.5, 20) == 1
    huge = agents_for(16.0, 300, 120, 0.8, 20)
    assert 4000 < huge < 4900
    assert (erlang_c(arrivals_per_s=16.0, aht_s=300, agents=5000, target_s=20).service_level or 0) > 0.8


supplies = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 4), min_size=1, max_size=4)


@settings(max_examples=200, deadline=None)
@given(supplies, st.dictionaries(st.sampled_from("wxyz"), st.integers(0, 4), min_size=1, max_size=3), st.randoms())
def test_assigns_as_many_as_the_smallest_cut_allows(
    supply: dict[str, int], demand: dict[str, int], chance: object
) -> None:
    """Largest flow = smallest cut: min over sets S of demands of (demand outside S + supply that serves S)."""
    able = {w: [s for s in supply if chance.random() < 0.5] for w in demand}  # type: ignore[attr-defined]

    cuts = []
    for r in range(len(demand) + 1):
        for inside in itertools.combinations(demand, r):
            outside = sum(n for w, n in demand.items() if w not in inside)
            serving = {s for w in inside for s in able[w]}
            cuts.append(outside + sum(supply[s] for s in serving))
    assert assigned(dict(supply), dict(demand), able) == min(cuts)


def test_moves_those_who_can_do_more_to_where_nobody_else_can() -> None:
    assert assigned({"both": 1, "first": 1}, {"x": 1, "y": 1}, {"x": ["both", "first"], "y": ["both"]}) == 2
