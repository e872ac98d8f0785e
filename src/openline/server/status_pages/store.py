"""Status pages in and out of the database."""

from dataclasses import dataclass

from django.utils import timezone

from openline.server.plans.store import centre
from openline.server.status_pages.export import KEPT, address
from openline.server.status_pages.models import StatusPage


@dataclass(frozen=True, slots=True)
class About:
    """What other pages say of a status page."""

    is_on: bool
    address: str
    subscribers: int


def about(slug: str) -> About:
    """Return whether a centre has a status page, where, and how many get its mails."""
    page = StatusPage.objects.filter(slug=slug).first()
    if page is None:
        return About(is_on=False, address=address(slug), subscribers=0)
    return About(page.is_on, address(slug), confirmed(page))


def confirmed(page: StatusPage) -> int:
    """Return how many addresses get the mails."""
    return page.subscribers.exclude(confirmed_at=None).count() if page.pk else 0


def page_of(slug: str) -> StatusPage:
    """Return a centre's page; one that is off and not kept yet when there is none."""
    found = StatusPage.objects.filter(slug=slug).first()
    return found or StatusPage(slug=slug, title=centre(slug).title, languages=["en"])


def public(slug: str) -> StatusPage | None:
    """Return the page when it is switched on."""
    return StatusPage.objects.filter(slug=slug, is_on=True).first()


def keep(page: StatusPage) -> None:
    """Keep how a page is set up; readers see it at once on this node."""
    page.changed_at = timezone.now()
    page.save()
    KEPT.forget()
