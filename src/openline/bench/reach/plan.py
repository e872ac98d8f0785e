"""A plan with very many people, each with a number; every figure is invented."""

import json

TEAMS = 40
ORGANIZATION = "bench"


def files(people: int) -> dict[str, str]:
    """Return the files of a plan with so many agents besides those who lead."""
    plan = {
        "format": 1,
        "organization": {"id": ORGANIZATION, "name": "Bench", "tz": "Europe/London"},
    }
    leaders = [_person("leader", n) for n in range(3)]
    agents = [_person("agent", n) | {"team": f"team-{n % TEAMS}"} for n in range(people)]
    roles = [
        {
            "id": "commander",
            "name": "Commander",
            "ics_function": "command",
            "level_called": 1,
            "primary": "leader-00000",
            "alternates": ["leader-00001", "leader-00002"],
            "authority": {"declare_level_max": 4},
        }
    ]
    teams = [{"id": f"team-{n}", "name": f"Team {n}"} for n in range(TEAMS)]
    # JSON is YAML that is quick to read.
    return {
        "openline.yaml": json.dumps(plan),
        "people.yaml": json.dumps({"teams": teams, "persons": leaders + agents}),
        "roles.yaml": json.dumps({"roles": roles}),
    }


def _person(kind: str, n: int) -> dict[str, object]:
    number = f"+4477{'00' if kind == 'agent' else '99'}{n:06d}"
    return {
        "id": f"{kind}-{n:05d}",
        "name": f"{kind.title()} {n}",
        "contacts": [{"channel": "sms", "value": number, "order": 1}],
    }
