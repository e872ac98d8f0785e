"""Rights: every role and every address (issue: sign-in and rights; 6.4 sharing rules)."""

import re
from typing import TYPE_CHECKING, get_args
from uuid import UUID

import pytest

from openline.server.accounts.rights import NOT_FOR_PROGRAMS, OWNER, RIGHTS, ROLES, Right, Role, holders, rights_of
from tests.server.conftest import ROOT
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

PAGE = ROOT / "docs" / "sign-in.md"


def test_says_of_every_right_and_role_what_it_means() -> None:
    assert set(RIGHTS) == set(get_args(Right))
    assert set(ROLES) == set(get_args(Role))
    assert all(meaning.says for meaning in ROLES.values())


def test_gives_each_right_to_some_role_and_all_of_them_to_the_owner() -> None:
    assert all(holders(right) for right in RIGHTS)
    assert rights_of(OWNER) == set(RIGHTS)


def test_adds_the_rights_of_several_roles_and_ignores_a_role_that_is_gone() -> None:
    both = rights_of(("auditor", "lead", "a role of old"))

    assert both == ROLES["auditor"].rights | ROLES["lead"].rights
    assert rights_of(()) == frozenset()


def test_keeps_contact_data_and_weaknesses_from_those_who_only_read() -> None:
    hidden = {"read_contacts", "read_weaknesses"}

    assert not hidden & rights_of(("viewer", "agent", "admin"))
    assert "read_contacts" not in rights_of(("auditor",))


def test_lets_everybody_who_changes_plans_see_what_they_change() -> None:
    for role in holders("change_plan"):
        assert {"read_contacts", "read_weaknesses"} <= ROLES[role].rights, role


def test_leaves_what_can_not_be_undone_to_the_commander() -> None:
    assert holders("command") == ["commander"]
    assert holders("manage_accounts") == ["admin"]
    assert {"manage_accounts", "manage_tokens"} <= NOT_FOR_PROGRAMS


@pytest.mark.usefixtures("_server")
def test_knows_of_every_address_which_right_it_needs() -> None:
    from openline.server.accounts.doors import doors

    silent = [d.address for d in doors() if not d.is_open and d.right is None]

    assert not silent, f"put @needs(...) of accounts/roles.py on the views of {silent}"


def test_refuses_a_right_that_does_not_exist() -> None:
    from openline.server.accounts.roles import UnknownRight, needs

    with pytest.raises(UnknownRight, match="fly"):
        needs("fly")  # type: ignore[arg-type]


@pytest.mark.usefixtures("_server")
def test_shuts_a_view_that_says_nothing_even_for_the_owner(client: "Client") -> None:
    from django.http import HttpRequest, HttpResponse
    from django.test import RequestFactory

    from openline.server.accounts.models import Account
    from openline.server.accounts.roles import Gate

    def forgotten(request: HttpRequest) -> HttpResponse:
        return HttpResponse("secret")

    request = RequestFactory().get("/forgotten/")
    request.user = Account.objects.get(email="owner@example.org")

    answer = Gate(forgotten).process_view(request, forgotten, (), {})

    assert answer is not None
    assert answer.status_code == 403


@pytest.mark.usefixtures("_server")
def test_has_the_tables_of_the_docs_as_they_are() -> None:
    from openline.server.accounts.doors import TABLES, written

    text = PAGE.read_text(encoding="utf-8")

    assert all(f"<!-- {name} -->" in text for name in TABLES)
    assert written(text) == text, "write them again: make reference"


@pytest.mark.usefixtures("_server")
def test_tells_every_address_apart_by_role_exactly_as_the_table_says(
    signed_in: "Callable[[Role], Client]",
) -> None:
    from openline.server.accounts.doors import doors

    for role in ROLES:
        browser, rights = signed_in(role), ROLES[role].rights
        for door in doors():
            path = re.sub("(bring-in/(contacts/)?)<pk>", rf"\g<1>{UUID(int=0)}", door.address)
            parts = {"<slug>": "harbor", "<kind>": "smtp", "<pk>": "0", "<old>": "0", "<new>": "0", "<task>": "x"}
            for part, value in parts.items():
                path = path.replace(part, value)
            path = path if "<uidb36>" in path else re.sub(r"<\w+>", "0", path)
            if door.is_open or "<uidb36>" in path or door.right == "own_account":
                continue
            # Nothing of the plan is touched: a shut door answers before its view is called, an open one is not entered.
            if door.right in rights:
                continue
            for method in ("get", "post"):
                assert getattr(browser, method)(path).status_code == 403, (role, method, path)


def test_greets_an_agent_without_showing_a_plan(signed_in: "Callable[[Role], Client]") -> None:
    agent = signed_in("agent")

    assert "There is nothing for you to do now" in text_of(agent, "/")
    assert "Harbor" not in text_of(agent, "/")
    assert agent.get("/harbor/").status_code == 403


@pytest.mark.usefixtures("_server")
def test_keeps_what_an_account_might_do_before_there_were_rights() -> None:
    from importlib import import_module

    migration = import_module("openline.server.accounts.migrations.0002_roles")

    assert set(migration.NOW["admin"].split()) == set(OWNER)


def test_gives_several_roles_and_logs_the_change(client: "Client", signed_in: "Callable[[Role], Client]") -> None:
    from openline.server.accounts.models import Account, Act

    signed_in("lead")
    account = Account.objects.get(email="lead@example.org")

    client.post(f"/account/people/{account.pk}/", {"roles": ["editor", "duty_officer"], "is_active": "on"})

    account.refresh_from_db()
    assert account.roles == ("duty_officer", "editor")
    assert account.rights == rights_of(("duty_officer", "editor"))
    assert Act.objects.filter(did="changed an account")[0].about == "Lead: lead to duty officer, editor"
    account.delete()


def test_takes_no_account_without_a_role_and_no_role_that_is_not_in_the_table(client: "Client") -> None:
    from openline.server.accounts.models import Account

    for roles in ([], ["emperor"]):
        said = {"name": "x", "email": "roleless@example.org", "roles": roles}

        assert client.post("/account/people/", said).status_code == 400
    assert not Account.objects.filter(email="roleless@example.org").exists()
