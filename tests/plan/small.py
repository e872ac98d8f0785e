"""A plan of a few lines that tests change one thing at a time."""

DAY = "day,start,{column}\n" + "".join(f"all,{m // 60:02}:{m % 60:02},{{value}}\n" for m in range(0, 1440, 30))

FILES = {
    "openline.yaml": "format: 1\norganization:\n  id: corner\n  name: Corner shop\n  tz: Europe/London\n",
    "sites.yaml": (
        "sites:\n  - id: shop\n    role: primary\nfeeds:\n  - id: mains\n    kind: electric\n    site: shop\n"
    ),
    "telephony.yaml": (
        "trunk_groups:\n  - id: line\n    kind: sip\n    site: shop\n    channels: 4\n"
        'numbers:\n  - id: orders-number\n    e164: "+442079460000"\n    routing_plans:\n      - to: line\n'
    ),
    "activities.yaml": (
        "activities:\n  - id: orders\n    kind: inbound_queue\n    numbers: [orders-number]\n    skills: [english]\n"
        "    volumes: orders.csv\n    aht_s: 5m\n    patience_s: 2m\n"
        "    sl: {formula_id: SL3, x: 0.8, t_s: 20s}\n"
    ),
    "people.yaml": (
        "skills:\n  - id: english\nagent_groups:\n  - id: counter\n    site: shop\n    skills: [english]\n"
        "    roster: counter.csv\n"
    ),
    "orders.csv": DAY.format(column="contacts", value=6),
    "counter.csv": DAY.format(column="agents", value=2),
}


def changed(file: str, old: str, new: str) -> dict[str, str]:
    """Return the small plan's files with one text replaced."""
    if old not in FILES[file]:
        raise ValueError(f"{old!r} does not stand in {file}")
    return {**FILES, file: FILES[file].replace(old, new, 1)}
