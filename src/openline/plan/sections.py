"""Which collections a plan has, which file holds each, and the model of its entities."""

from dataclasses import dataclass

from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.network import Entrance, NetworkPath
from openline.plan.partners import OverflowAgreement, Partner
from openline.plan.people import AgentGroup, Skill
from openline.plan.procedures import Procedure
from openline.plan.record import Entity
from openline.plan.scenarios import Scenario
from openline.plan.sites import Generator, Site, Ups, UtilityFeed
from openline.plan.systems import System
from openline.plan.telephony import Number, TrunkGroup


@dataclass(frozen=True, slots=True)
class Collection:
    """A list of like entities; `section` is the file or folder that holds it."""

    name: str
    section: str
    model: type[Entity]


COLLECTIONS: dict[str, Collection] = {
    c.name: c
    for c in (
        Collection("sites", "sites", Site),
        Collection("feeds", "sites", UtilityFeed),
        Collection("ups", "sites", Ups),
        Collection("generators", "sites", Generator),
        Collection("entrances", "network", Entrance),
        Collection("network_paths", "network", NetworkPath),
        Collection("trunk_groups", "telephony", TrunkGroup),
        Collection("numbers", "telephony", Number),
        Collection("systems", "systems", System),
        Collection("activities", "activities", Activity),
        Collection("skills", "people", Skill),
        Collection("agent_groups", "people", AgentGroup),
        Collection("partners", "partners", Partner),
        Collection("agreements", "partners", OverflowAgreement),
        Collection("arrangements", "arrangements", Arrangement),
        Collection("procedures", "procedures", Procedure),
        Collection("scenarios", "scenarios", Scenario),
    )
}

SECTIONS = tuple(dict.fromkeys(c.section for c in COLLECTIONS.values()))
