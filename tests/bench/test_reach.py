"""The bench of reaching people, in its small form: every part runs against a real server; figures are not judged."""

from openline.bench.reach.run import SMALL, bench_reach


def test_reaches_everybody_and_loses_no_answer() -> None:
    rows = {r.name: r for r in bench_reach(lambda _: None, SMALL)}

    assert rows["answers that failed"].value == 0
    assert rows["roll call: all handed to the gateway"].ok
    assert rows["declaration to first message: 99 of 100 within"].value < 10_000
    assert all(r.bar is not None for r in rows.values() if r.name != "answers: 95 of 100 within")
