"""Files that wait: one an account and centre, and none for longer than a day."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from openline.server.accounts.models import Account
from openline.server.bringing.models import Upload

WAITS = timedelta(days=1)


@transaction.atomic
def wait(account: Account, slug: str, name: str, content: bytes) -> Upload:
    """Keep a file until it is taken in; one that waited for the same centre goes."""
    Upload.objects.filter(at__lt=timezone.now() - WAITS).delete()
    Upload.objects.filter(account=account, slug=slug).delete()
    return Upload.objects.create(account=account, slug=slug, name=name[-200:], content=content)


def waiting(account: Account, slug: str, pk: UUID) -> Upload | None:
    """Return a file that this account sent for this centre."""
    return Upload.objects.filter(account=account, slug=slug, pk=pk, at__gte=timezone.now() - WAITS).first()
