"""Addresses of the API."""

import json
from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

# Importing them opens their doors.
from openline.server.api import acting, reading, triggers  # noqa: F401
from openline.server.api.door import api, patterns
from openline.server.api.problems import TYPE

API = api()


@cache
def description() -> bytes:
    """Return the API's description; what is not done is told in its own media type, and a token opens every door."""
    found = API.get_openapi_schema(path_prefix="api/v1")
    for operations in found["paths"].values():
        for operation in operations.values():
            operation["security"] = [{"token": []}]
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = {TYPE: answer["content"].pop("application/json")}
    found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return json.dumps(found, separators=(",", ":")).encode()


@login_not_required
def openapi(request: HttpRequest) -> HttpResponse:
    """Describe the API."""
    headers = {"Cache-Control": "public, max-age=300"}
    return HttpResponse(description(), content_type="application/json", headers=headers)


app_name = "api"
urlpatterns = [path("openapi.json", openapi, name="openapi"), *patterns(API)]
