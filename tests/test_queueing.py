"""Closed forms against golden numbers and an independent slow chain (glossary 2.4)."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openline.queueing import (
    SERVICE_LEVELS,
    QueueingError,
    ServiceCounts,
    blocking,
    drain_s,
    erlang_a,
    erlang_b,
    erlang_c,
    service_level,
)  # fmt: skip
from tests.oracles.erlang import answered_wait, chain


@pytest.mark.parametrize(
    ("lines", "load", "exact"),
    [
        (10, 5, 0.0183845703366481), (15, 8.108, 0.00999963194259878), (30, 25, 0.0526031722281406),
        (50, 48, 0.0833373534934830), (100, 100, 0.0757004527108610), (1000, 1000, 0.0248119176461604),
        (5000, 4900, 0.00221576790249724),
    ],
)  # fmt: skip
def test_blocks_as_published(lines: int, load: float, exact: float) -> None:
    assert blocking(load, lines) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    ("agents", "wait", "level", "asa"),
    [
        (11, 0.682118, 0.38961, 122.78), (12, 0.449388, 0.64016, 40.44), (13, 0.285270, 0.79560, 17.12),
        (14, 0.174132, 0.88835, 7.84), (15, 0.102042, 0.94145, 3.67),
    ],
)  # fmt: skip
def test_waits_as_in_the_glossary(agents: int, wait: float, level: float, asa: float) -> None:
    found = erlang_c(arrivals_per_s=100 / 1800, aht_s=180, agents=agents, target_s=20)

    assert found.p_wait == pytest.approx(wait, abs=1e-6)
    assert found.service_level == pytest.approx(level, abs=1e-5)
    assert found.asa_s == pytest.approx(asa, abs=0.01)


@pytest.mark.parametrize(
    ("agents", "abandon", "mean_wait", "wait", "level"),
    [
        (8, 0.257982, 30.96, 0.722626, 0.4032),
        (10, 0.137464, 16.50, 0.496853, 0.6399),
        (12, 0.061597, 7.39, 0.279807, 0.8256),
    ],
)
def test_abandons_as_in_the_glossary(agents: int, abandon: float, mean_wait: float, wait: float, level: float) -> None:
    found = erlang_a(arrivals_per_s=100 / 1800, aht_s=180, agents=agents, patience_s=120, target_s=20)

    assert found.p_abandon == pytest.approx(abandon, abs=1e-6)
    assert found.mean_wait_s == pytest.approx(mean_wait, abs=0.01)
    assert found.p_wait == pytest.approx(wait, abs=1e-6)
    assert found.service_level == pytest.approx(level, abs=1e-4)


@pytest.mark.parametrize(
    ("agents", "lam", "mu", "theta", "target", "wait", "abandon", "mean_wait", "level"),
    [
        (14, 10 / 3, 1 / 3, 0.2, 1 / 3, 0.145260114296, 0.0139837441224, 0.069918720612, 0.916792091864),
        (50, 48, 1, 0.5, 1 / 3, 0.467774068554, 0.0309122491622, 0.0618244983244, 0.943018954747),
        (100, 120, 1, 0.5, 0.1, 0.996634370421, 0.166790630955, 0.333581261910, 0.0253951351475),
        (1000, 1000, 1, 0.5, 0.05, 0.589260087356, 0.0104505428962, 0.0209010857924, 0.837739774976),
        (20, 10, 1, 1, 0.1, 0.00345434197586, 0.000277820652141, 0.000277820652141, 0.998782217637),
    ],
)
def test_abandons_as_the_reference_values(
    agents: int,
    lam: float,
    mu: float,
    theta: float,
    target: float,
    wait: float,
    abandon: float,
    mean_wait: float,
    level: float,
) -> None:
    found = erlang_a(arrivals_per_s=lam, aht_s=1 / mu, agents=agents, patience_s=1 / theta, target_s=target)

    assert (found.p_wait, found.p_abandon, found.mean_wait_s, found.service_level) == pytest.approx(
        (wait, abandon, mean_wait, level), rel=1e-10
    )


def test_blocks_and_abandons_with_finite_lines() -> None:
    found = erlang_a(arrivals_per_s=12, aht_s=1, agents=10, patience_s=2, lines=15)

    assert found.p_block == pytest.approx(0.13074245664347, rel=1e-12)
    assert found.p_abandon is not None
    assert found.p_block is not None
    assert found.p_abandon * (1 - found.p_block) == pytest.approx(0.082821367768491, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    agents=st.integers(1, 12), load=st.floats(0.2, 15), patience=st.floats(0.2, 5), target=st.floats(0, 2),
    extra=st.one_of(st.none(), st.integers(0, 20)),
)  # fmt: skip
def test_agrees_with_a_slow_chain(agents: int, load: float, patience: float, target: float, extra: int | None) -> None:
    lines = None if extra is None else agents + extra

    found = erlang_a(arrivals_per_s=load, aht_s=1.0, agents=agents, patience_s=patience, target_s=target, lines=lines)

    slow = chain(load, 1.0, agents, patience, lines)
    assert found.p_abandon == pytest.approx(slow.abandon, abs=1e-9)
    assert found.p_wait == pytest.approx(slow.wait, abs=1e-9)
    within, asa = answered_wait(slow, 1.0, agents, patience, target)
    assert found.service_level == pytest.approx(within, abs=1e-6)
    assert found.asa_s == pytest.approx(asa, abs=1e-6)


@given(load=st.floats(0.1, 40), agents=st.integers(1, 60))
def test_loses_fewer_with_more_agents(load: float, agents: int) -> None:
    few, many = (erlang_a(arrivals_per_s=load, aht_s=1, agents=n, patience_s=1) for n in (agents, agents + 1))

    assert 0 <= (many.p_abandon or 0) <= (few.p_abandon or 0) <= 1
    assert blocking(load, agents + 1) <= blocking(load, agents)


def test_has_no_wait_to_tell_when_the_queue_grows_for_ever() -> None:
    found = erlang_c(arrivals_per_s=2, aht_s=5, agents=10, target_s=20)

    assert found.p_wait == 1.0
    assert found.asa_s is None


@pytest.mark.parametrize(
    "wrong", [{"agents": 0}, {"aht_s": 0}, {"arrivals_per_s": -1}, {"arrivals_per_s": math.nan}, {"aht_s": math.inf}]
)
def test_refuses_figures_without_meaning(wrong: dict[str, float]) -> None:
    with pytest.raises(QueueingError):
        erlang_b(**{"arrivals_per_s": 1.0, "aht_s": 1.0, "agents": 1, **wrong})  # type: ignore[arg-type]


def test_drains_as_the_fluid_says() -> None:
    assert drain_s(waiting=15.285, arrivals_per_s=90, aht_s=1, agents=100, patience_s=2) == pytest.approx(
        1.13545, abs=1e-4
    )
    assert drain_s(waiting=10, arrivals_per_s=90, aht_s=1, agents=100, patience_s=None) == 1.0
    assert drain_s(waiting=10, arrivals_per_s=100, aht_s=1, agents=100, patience_s=1) is None


GOLDEN = ServiceCounts(answered=1000.0, abandoned=60.0, answered_in_target=860.0, abandoned_in_target=20.0, short=10.0)


@pytest.mark.parametrize(
    ("formula", "percent"),
    [("SL1", 83.019), ("SL2", 86.0), ("SL3", 81.132), ("SL4", 82.692), ("SL5", 82.075), ("SL6", 81.905)],
)
def test_computes_the_six_service_levels(formula: str, percent: float) -> None:
    """MET-01, golden data of the glossary."""
    assert service_level(formula, GOLDEN) == pytest.approx(percent / 100, abs=5e-6)


def test_tells_the_six_formulas_apart() -> None:
    """Group 24: a denominator put in another's place is seen, since no two give the same on these counts."""
    found = {service_level(formula, GOLDEN) for formula in SERVICE_LEVELS}

    assert len(found) == 6


def test_has_no_service_level_when_nobody_called() -> None:
    assert service_level("SL3", ServiceCounts(0.0, 0.0, 0.0, 0.0, 0.0)) is None
