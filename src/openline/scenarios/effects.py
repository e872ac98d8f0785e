"""The kinds of effect a disruption can have."""

from dataclasses import dataclass

from openline.plan.scenarios import CallFate


@dataclass(frozen=True, slots=True)
class EffectKind:
    """What an effect does.

    `on` names what it changes: an object's `capacity`, `access` to a site, or the `staff`, `demand` or `aht` factor.
    `targets` are the collections it can hit. `calls` is the fate of contacts in progress unless the plan says other.
    """

    on: str
    targets: tuple[str, ...]
    calls: CallFate
    says: str


ANYTHING = (
    "sites", "feeds", "ups", "generators", "entrances", "network_paths", "trunk_groups", "numbers", "systems",
    "activities", "agent_groups", "partners", "agreements",
)  # fmt: skip

EFFECTS: dict[str, EffectKind] = {
    "down": EffectKind("capacity", ANYTHING, "drop", "does not work"),
    "degraded": EffectKind("capacity", ANYTHING, "finish", "works with a share of its capacity"),
    "bandwidth": EffectKind("capacity", ("network_paths", "trunk_groups"), "finish", "carries a share of its traffic"),
    "access_denied": EffectKind("access", ("sites",), "drop", "nobody may be inside; systems stay up"),
    "staff": EffectKind("staff", ("agent_groups", "agreements"), "finish", "a share of the people works"),
    "demand": EffectKind("demand", ("activities",), "finish", "customers come so many times as often"),
    "response": EffectKind("record", (*ANYTHING, "vendors"), "finish", "answers so many times as slowly"),
    "untrusted": EffectKind("capacity", ANYTHING, "drop", "runs, but nobody may use it"),
    "data_corrupt": EffectKind("record", (*ANYTHING, "data_sets"), "finish", "its data are wrong"),
    "data_loss": EffectKind("record", (*ANYTHING, "data_sets"), "finish", "its latest data are lost"),
    "reroute_failed": EffectKind("record", ("numbers",), "finish", "calls can not be sent elsewhere"),
    "cost": EffectKind("record", ANYTHING, "finish", "costs money"),
    "aht": EffectKind("aht", ("activities",), "finish", "a contact takes so many times as long"),
}
