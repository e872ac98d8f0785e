"""The wizard in pages: questions, errors beside the field, nothing lost, then the findings."""

import re
from typing import TYPE_CHECKING

import pytest

from openline.start.questions import TEMPLATES, Template, questions
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client

SAID = {"name": "Lantern Books", "tz": "Europe/London", "service": "Orders", "site": "The shop"}


def said(template: Template, **more: str) -> dict[str, str]:
    return {q.id: {**SAID, **more}.get(q.id, q.default) for q in questions(template)}


def test_offers_three_sizes(client: "Client") -> None:
    page = text_of(client, "/new/")

    assert all(f'href="/new/{t}/"' in page for t in TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_makes_a_centre_and_leads_to_its_findings(client: "Client", template: Template) -> None:
    response = client.post(f"/new/{template}/", said(template, name=f"Lantern {template}"))

    assert response.status_code == 302
    assert response["Location"] == f"/lantern-{template}/findings/"
    page = text_of(client, response["Location"])
    assert "critical" in page
    assert "Begin with these 10" in page


def test_keeps_every_answer_and_says_what_to_write_beside_the_field(client: "Client") -> None:
    response = client.post("/new/one-seat/", said("one-seat", name="", number="020 7946", lead="The <boss>"))

    page = response.content.decode()
    assert response.status_code == 400
    assert "2 answers can not be used yet" in page
    assert "with its country" in page
    assert 'value="020 7946"' in page
    assert 'value="The &lt;boss&gt;"' in page


def test_does_not_overwrite_a_centre_of_the_same_name(client: "Client") -> None:
    response = client.post("/new/one-seat/", said("one-seat", name="Harbor", number="020 7946"))

    page = response.content.decode()
    assert response.status_code == 400
    assert "There is already a centre" in page.partition('id="e-name"')[2].partition("</ul>")[0]
    assert 'id="e-number"' in page
    assert "2 answers can not be used yet" in page


@pytest.mark.parametrize("sign", ["\t", "\x80", "\ufffe"])
def test_says_beside_the_field_that_a_sign_can_not_be_held(client: "Client", sign: str) -> None:
    response = client.post("/new/one-seat/", said("one-seat", name=f"Caf{sign}e", lead=f"Own{sign}er"))

    page = response.content.decode()
    assert response.status_code == 400
    assert {"e-name", "e-lead"} <= set(re.findall(r'id="(e-[a-z]+)"', page))


def test_does_not_take_an_address_of_the_server_for_a_centre(client: "Client") -> None:
    response = client.post("/new/one-seat/", said("one-seat", name="Link"))

    assert response.status_code == 400
    assert 'id="e-name"' in response.content.decode()


def test_knows_no_other_size(client: "Client") -> None:
    assert client.get("/new/huge/").status_code == 404
