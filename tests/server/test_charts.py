"""Series become chart options in one place."""

from openline.server.charts import Series, Span, over_time, states
from openline.server.whatif.picture import round_up


def test_marks_the_disruption_on_a_line() -> None:
    bars = Series("Answered", [1.0, 2.0, 3.0], "good", "bar", stack="s")
    line = Series("Normal", [1.0, None, 3.0], "text", dashed=True)

    options = over_time(["a", "b", "c"], [bars, line], unit="contacts", band=(1, 9))

    drawn = options["series"]
    assert isinstance(drawn, list)
    assert "markArea" not in drawn[0]
    assert drawn[1]["markArea"]["data"] == [[{"xAxis": 1}, {"xAxis": 2}]]
    assert drawn[1]["data"] == [1.0, None, 3.0]


def test_names_colours_by_token_so_that_the_dark_has_its_own() -> None:
    options = over_time(["a"], [Series("x", [1.0], "accent")], unit="agents", percent=True)

    assert "$accent" in str(options)
    assert "#" not in str(options)


def test_draws_a_row_for_each_object() -> None:
    options = states(["Quay House"], [Span(0, 0.0, 10.0, "down", "fire")], start_ms=0.0, end_ms=20.0, tz="UTC")

    assert options["rows"] == ["Quay House"]
    assert options["spans"] == [[0, 0.0, 10.0, "down", "fire"]]


def test_rounds_scales_up_to_two_digits() -> None:
    assert [round_up(v) for v in (0.0, 7.2, 99.5, 1541.0)] == [0.0, 8.0, 100.0, 1600.0]
