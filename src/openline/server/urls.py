"""Every address of the server."""

from django.urls import URLResolver, include, path
from django.urls.resolvers import RoutePattern

from openline.server.accounts.urls import signing_in

urlpatterns = [
    # Making an address for every command takes most of a second: not before a program asks.
    URLResolver(RoutePattern("api/v1/"), "openline.server.api.urls", app_name="api", namespace="api"),
    path("", include("openline.server.health.urls")),
    path("", include("openline.server.status_pages.urls")),
    path("", include("openline.server.messages.urls")),
    path("", include("openline.server.webhooks.urls")),
    path("account/", include(signing_in)),
    path("account/", include("openline.server.accounts.urls")),
    path("", include("openline.server.links.urls")),
    path("", include("openline.server.answers.urls")),
    path("", include("openline.server.notifications.urls")),
    path("", include("openline.server.rotas.urls")),
    path("", include("openline.server.outbox.urls")),
    path("", include("openline.server.incidents.urls")),
    path("", include("openline.server.demo.urls")),
    path("", include("openline.server.room.urls")),
    path("", include("openline.server.wizard.urls")),
    path("", include("openline.server.bringing.urls")),
    path("", include("openline.server.centre.urls")),
    path("", include("openline.server.editing.urls")),
    path("", include("openline.server.plans.urls")),
    path("", include("openline.server.findings.urls")),
    path("", include("openline.server.revisions.urls")),
    path("", include("openline.server.whatif.urls")),
    path("", include("openline.server.roll_calls.urls")),
    path("", include("openline.server.damage.urls")),
    path("", include("openline.server.sitreps.urls")),
    path("", include("openline.server.restoration.urls")),
    path("", include("openline.server.reports.urls")),
]

handler404 = "openline.server.errors.not_found"
handler500 = "openline.server.errors.server_error"
handler400 = "openline.server.errors.bad_request"
