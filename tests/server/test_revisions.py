"""Revisions: listed, compared with the findings that came and went, brought back (MNT-07)."""

from typing import TYPE_CHECKING

import pytest

from openline.plan.directory import read_directory
from tests.server.conftest import ROOT
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def two() -> tuple[int, int]:
    """Two revisions of a centre, the second with the standby beside the primary."""
    from openline.server.plans.store import keep

    files, _ = read_directory(ROOT / "examples" / "harbor")
    files["openline.yaml"] = files["openline.yaml"].replace("id: harbor", "id: twin")
    old = keep("twin", "Twin", files, "first", by=None, why="a test")
    moved = files["systems.yaml"].replace("deployment: on_prem, location: hill, vendor: callwright, fate: {software_family: callwright-8}", "deployment: on_prem, location: quay, vendor: callwright, fate: {software_family: callwright-8}")  # fmt: skip  # noqa: E501
    assert moved != files["systems.yaml"]
    new = keep("twin", "Twin", {**files, "systems.yaml": moved}, "second", by=None, why="a test")
    return old.pk, new.pk


def test_shows_what_changed_and_which_findings_came_with_the_reason(client: "Client", two: tuple[int, int]) -> None:
    page = text_of(client, f"/twin/revisions/{two[0]}/{two[1]}/")

    assert "1 change:" in page
    assert "AR-020" in page
    assert "because of systems acd-standby changed (location)" in page


def test_lists_revisions_and_brings_one_back(client: "Client", two: tuple[int, int]) -> None:
    from openline.server.plans.models import Revision
    from openline.server.plans.store import centre

    assert "in force" in text_of(client, "/twin/revisions/")
    assert centre("twin").pk == two[1]

    response = client.post(f"/twin/revisions/{two[0]}/bring-back/", {"why": "the move was wrong"})

    now = centre("twin")
    assert response.status_code == 302
    assert now.files == Revision.objects.get(pk=two[0]).files
    assert (now.who, now.why, now.source[:12]) == ("Owner", "the move was wrong", "brought back")
    assert now.pk not in two
    assert client.get(f"/twin/revisions/{two[0]}/bring-back/").status_code == 405


@pytest.mark.parametrize("path", ["/twin/revisions/1/999999/", "/nowhere/revisions/", "/harbor/revisions/0/0/"])
def test_knows_what_is_not_there(client: "Client", path: str) -> None:
    assert client.get(path).status_code == 404


def test_shows_the_trend_as_of_the_day_of_each_revision(client: "Client", two: tuple[int, int]) -> None:
    from openline.server.revisions.models import Score

    page = text_of(client, "/twin/revisions/trend/")

    first, second = (Score.objects.get(revision=pk) for pk in two)
    assert first.as_of == first.revision.taken_in_at.date()
    assert (first.critical, second.critical) == (0, 1)
    assert first.readiness is not None
    assert second.readiness is not None
    assert first.readiness > second.readiness
    assert "Readiness went from" in page
    assert 'data-chart="readiness"' in page
    assert 'data-chart="findings"' in page


def test_judges_the_newest_first_when_time_does_not_suffice(client: "Client", two: tuple[int, int]) -> None:
    from openline.server.plans.models import Revision
    from openline.server.revisions.models import Score
    from openline.server.revisions.trend import scores_of

    Score.objects.all().delete()
    ticks = iter((0.0, 0.0, 9.0, 9.0))
    found = list(Revision.objects.filter(pk__in=two).order_by("pk"))

    assert [s.revision.pk for s in scores_of(found, lambda: next(ticks))] == [two[1]]
    assert "There is one revision" in text_of(client, "/corner-repairs/revisions/trend/")
