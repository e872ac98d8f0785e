"""Approval: bound to content, refused where a protocol is empty, lost by a change (PLN-01, PLN-10, invariant 15)."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import pytest

from openline.plan.directory import read_directory
from tests.server.conftest import ROOT
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client

    from openline.server.accounts.rights import Role
    from openline.server.plans.models import Revision


@pytest.fixture
def paper(client: "Client") -> "Revision":
    """Give a fresh copy of harbor whose approval is gone."""
    from openline.server.plans.models import Revision
    from openline.server.plans.store import keep

    Revision.objects.filter(slug="paper").delete()
    files, _ = read_directory(ROOT / "examples" / "harbor")
    files["openline.yaml"] = files["openline.yaml"].replace("id: harbor", "id: paper")
    return keep("paper", "Paper", files, "test", by=None, why="a test")


def send(client: "Client", revision: "Revision", **other: str) -> tuple[int, str]:
    said = {"based_on": revision.content_hash, "document": "continuity-plan", "role": "incident-commander", **other}
    response = client.post("/paper/approve/", said)
    return response.status_code, response.content.decode()


def test_approves_what_is_there_and_loses_it_by_a_change(
    paper: "Revision", signed_in: "Callable[[Role | Literal['owner']], Client]"
) -> None:
    from openline.audit.approval import is_approved
    from openline.plan.document import approval_hash
    from openline.server.plans.store import centre, keep, plan_of

    before = plan_of(paper)

    status, _ = send(signed_in("approver"), paper, why="read on paper")

    now = centre("paper")
    plan = plan_of(now)
    given = [a for a in plan.approvals.values() if a.content_hash]
    assert (status, now.who, now.why) == (302, "Approver", "read on paper")
    assert [a.content_hash for a in given] == [approval_hash(before)]
    assert is_approved(plan, plan.plans["continuity-plan"])
    assert "approved as it is now" in text_of(signed_in("viewer"), "/paper/revisions/")

    files = {**now.files, "sites.yaml": now.files["sites.yaml"].replace("seats_total: ", "seats_total: 1", 1)}
    keep("paper", "Paper", files, "test", by=None, why="more seats")
    later = plan_of(centre("paper"))
    assert not is_approved(later, later.plans["continuity-plan"])
    assert "not approved as it is now" in text_of(signed_in("viewer"), "/paper/revisions/")


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        ({"based_on": "0" * 64}, 409, "Somebody changed the plan meanwhile"),
        ({"document": "nothing"}, 400, "Choose what you approve"),
        ({"role": "king"}, 400, "the role in which you do"),
    ],
)
def test_refuses_what_is_not_there_or_not_any_more(
    paper: "Revision",
    signed_in: "Callable[[Role | Literal['owner']], Client]",
    said: dict[str, str],
    status: int,
    told: str,
) -> None:
    found = send(signed_in("approver"), paper, **said)

    assert found[0] == status
    assert told in found[1]


def test_refuses_a_plan_with_an_empty_protocol(
    paper: "Revision", signed_in: "Callable[[Role | Literal['owner']], Client]"
) -> None:
    from openline.server.plans.store import keep

    files = dict(paper.files)
    files["programme.yaml"], count = re.subn(r"resumption: \[[^\]]*\]", "resumption: []", files["programme.yaml"])
    assert count
    now = keep("paper", "Paper", files, "test", by=None, why="a test")

    status, page = send(signed_in("approver"), now)

    assert status == 409
    assert "names no procedure for how it returns to normal" in page
    assert "Before it can be approved" in text_of(signed_in("approver"), "/paper/approve/")


def test_is_for_approvers_only(paper: "Revision", signed_in: "Callable[[Role | Literal['owner']], Client]") -> None:
    assert send(signed_in("editor"), paper)[0] == 403
    assert signed_in("editor").get("/paper/approve/").status_code == 403


def test_tells_who_approves_their_own_work(
    paper: "Revision", signed_in: "Callable[[Role | Literal['owner']], Client]"
) -> None:
    from openline.server.accounts.models import Account
    from openline.server.plans.store import keep

    files = {**paper.files, "sites.yaml": paper.files["sites.yaml"].replace("seats_total: ", "seats_total: 1", 1)}
    owner = signed_in("owner")
    keep("paper", "Paper", files, "test", by=Account.objects.get(email="owner@example.org"), why="a test")

    assert "You made this revision yourself" in text_of(owner, "/paper/approve/")
