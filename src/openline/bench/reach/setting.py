"""Makes the server's data for the run: plan, account, provider, open incidents. Run as a program of its own."""

import json
import sys
from pathlib import Path


def make(data: Path, files: Path, incidents: int, desk: int) -> dict[str, str]:
    """Return the incident of the roll call, a session and its token against forged forms."""
    from openline.server.start import prepare

    prepare(data, [files])
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from openline.incident.command import SYSTEM, Actor
    from openline.incident.opening import DeclareLevel, Report
    from openline.server.accounts.models import Account
    from openline.server.accounts.rights import OWNER
    from openline.server.incidents.store import carry_out, report
    from openline.server.notifications.store import keep
    from openline.server.plans.store import centre

    url = f"http://127.0.0.1:{desk}/messages"
    keep(None, name="gateway", kind="gateway", options={"url": url, "reference": "id"}, channels=["sms"], order=1)
    owner = Account.objects.make("owner@bench.invalid", "Owner", OWNER, "no-way-in-from-outside")
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = (
        str(owner.pk),
        "allauth.account.auth_backends.AuthenticationBackend",
    )
    session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
    session.create()
    revision = centre("bench")
    me = Actor("Owner", f"account:{owner.pk}", role="commander")
    found = None
    for n in range(incidents):
        opening = Report(title=f"Open {n}", plan_slug="bench", plan_hash=revision.content_hash)
        found = report(revision, opening, SYSTEM)
        carry_out(found, DeclareLevel(level=2), me)
    return {"incident": str(found.pk if found else 0), "session": str(session.session_key), "csrf": "c" * 32}


if __name__ == "__main__":
    made = make(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    sys.stdout.write(json.dumps(made))
