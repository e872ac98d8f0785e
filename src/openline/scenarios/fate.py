"""Fate keys: what makes several objects fail from one cause (glossary 2.2, shared fate)."""

from collections.abc import Callable, Iterator

from openline.plan.document import Plan

Find = Callable[[Plan, str], Iterator[str]]


def _field(collection: str, name: str) -> Find:
    """Return a search for the objects of a collection whose field is, or holds, a value."""

    def find(plan: Plan, value: str) -> Iterator[str]:
        for entity in plan.collection(collection).values():
            held = getattr(entity, name)
            if held == value or (isinstance(held, tuple) and value in held):
                yield entity.id

    return find


def _fate(name: str) -> Find:
    def find(plan: Plan, value: str) -> Iterator[str]:
        for system in plan.systems.values():
            held = getattr(system.fate, name)
            if held == value or (isinstance(held, tuple) and value in held):
                yield system.id

    return find


FATE_KEYS: dict[str, tuple[Find, ...]] = {
    "building": (_field("sites", "building_id"),),
    "campus": (_field("sites", "campus"),),
    "hazard_zone": (_field("sites", "hazard_zones"),),
    "grid_region": (_field("sites", "grid_region"),),
    "substation": (_field("feeds", "substation"),),
    "feeder": (_field("feeds", "feeder"),),
    "entrance": (_field("network_paths", "entrance"),),
    "conduit": (_field("entrances", "conduit_ids"), _field("network_paths", "conduit")),
    "central_office": (_field("network_paths", "central_office"),),
    "upstream": (_field("network_paths", "upstream"),),
    "isp": (_field("network_paths", "isp"),),
    "carrier": (_field("trunk_groups", "carrier"), _field("numbers", "carrier")),
    "vendor": (_field("systems", "vendor"),),
    "region": (_field("systems", "region"),),
    **{
        key: (_fate(key),)
        for key in ("admin_domain", "software_family", "agent_software", "certificate", "dns", "identity")
    },
}


def sharing(plan: Plan, key: str, value: str) -> tuple[str, ...]:
    """Return the objects that share a fate key's value, in the order of the plan."""
    return tuple(dict.fromkeys(i for find in FATE_KEYS[key] for i in find(plan, value)))
