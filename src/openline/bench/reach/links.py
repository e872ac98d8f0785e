"""Prints the answering links of a roll call, as people find them in their messages. Run as a program of its own."""

import json
import os
import sys


def links(data: str, pk: int, most: int) -> list[str]:
    """Return the paths at which the people of the incident's latest roll call answer."""
    os.environ |= {"OPENLINE_DATA": data, "DJANGO_SETTINGS_MODULE": "openline.server.settings"}
    import django

    django.setup()
    from openline.server.incidents.answering import token
    from openline.server.incidents.models import Delivery

    page = Delivery.objects.filter(incident_id=pk).latest("pk").page
    people = Delivery.objects.filter(incident_id=pk, page=page).values_list("person", flat=True)[:most]
    return [f"/a/{token(pk, page, p)}" for p in people]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(links(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
