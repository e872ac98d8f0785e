"""Which collections a plan has, which file holds each, and the model of its entities."""

from dataclasses import dataclass

from openline.plan.activities import Activity, ContactType
from openline.plan.arrangements import Arrangement
from openline.plan.communication import MessageTemplate, Stakeholder
from openline.plan.data import Backup, DataSet
from openline.plan.exclusions import Exclusion
from openline.plan.exercises import CorrectiveAction, Course, Exercise, TrainingRecord
from openline.plan.incidents import DamageAssessment, Incident
from openline.plan.monitoring import AssessmentForm, Level, MaintenanceTask, Monitor, Trigger
from openline.plan.network import Entrance, NetworkPath
from openline.plan.partners import OverflowAgreement, Partner
from openline.plan.people import AgentGroup, Language, Person, Skill, Team
from openline.plan.procedures import Procedure
from openline.plan.programme import Approval, Assumption, Document, Evidence, PlanDocument, Review
from openline.plan.record import Entity
from openline.plan.risks import Control, Insurance, Risk
from openline.plan.roles import CallTree, ContinuityRole
from openline.plan.scenarios import Scenario
from openline.plan.sites import Cooling, FireSafety, Generator, HazardZone, Security, Site, Ups, UtilityFeed
from openline.plan.systems import Component, System
from openline.plan.telephony import Announcement, CarrierAccess, Number, TrunkGroup
from openline.plan.vendors import Vendor


@dataclass(frozen=True, slots=True)
class Collection:
    """A list of like entities; `section` is the file or folder that holds it, `title` what people call it."""

    name: str
    section: str
    model: type[Entity]
    title: str


COLLECTIONS: dict[str, Collection] = {
    c.name: c
    for c in (
        Collection("hazard_zones", "sites", HazardZone, "Hazard zones"),
        Collection("sites", "sites", Site, "Sites"),
        Collection("feeds", "sites", UtilityFeed, "Supplies"),
        Collection("ups", "sites", Ups, "Batteries (UPS)"),
        Collection("generators", "sites", Generator, "Generators"),
        Collection("cooling", "sites", Cooling, "Cooling"),
        Collection("fire_safety", "sites", FireSafety, "Fire safety"),
        Collection("security", "sites", Security, "Security"),
        Collection("entrances", "network", Entrance, "Cable entrances"),
        Collection("network_paths", "network", NetworkPath, "Network paths"),
        Collection("trunk_groups", "telephony", TrunkGroup, "Lines (trunk groups)"),
        Collection("numbers", "telephony", Number, "Numbers"),
        Collection("announcements", "telephony", Announcement, "Announcements"),
        Collection("carrier_access", "telephony", CarrierAccess, "Carrier access"),
        Collection("systems", "systems", System, "Systems"),
        Collection("components", "systems", Component, "Components and spares"),
        Collection("data_sets", "data", DataSet, "Data"),
        Collection("backups", "data", Backup, "Backups"),
        Collection("monitors", "monitoring", Monitor, "Monitors"),
        Collection("maintenance_tasks", "monitoring", MaintenanceTask, "Maintenance"),
        Collection("levels", "activation", Level, "Levels"),
        Collection("triggers", "activation", Trigger, "Triggers"),
        Collection("assessment_forms", "activation", AssessmentForm, "Damage assessment forms"),
        Collection("vendors", "vendors", Vendor, "Vendors"),
        Collection("partners", "partners", Partner, "Partners"),
        Collection("agreements", "partners", OverflowAgreement, "Overflow agreements"),
        Collection("activities", "activities", Activity, "Queues and other work"),
        Collection("contact_types", "activities", ContactType, "Contact types"),
        Collection("skills", "people", Skill, "Skills"),
        Collection("languages", "people", Language, "Languages"),
        Collection("teams", "people", Team, "Response teams"),
        Collection("agent_groups", "people", AgentGroup, "Agent groups"),
        Collection("persons", "people", Person, "People"),
        Collection("roles", "roles", ContinuityRole, "Roles"),
        Collection("call_trees", "roles", CallTree, "Call trees"),
        Collection("stakeholders", "communication", Stakeholder, "Stakeholders"),
        Collection("templates", "communication", MessageTemplate, "Messages"),
        Collection("arrangements", "arrangements", Arrangement, "Arrangements"),
        Collection("procedures", "procedures", Procedure, "Procedures"),
        Collection("scenarios", "scenarios", Scenario, "Scenarios"),
        Collection("risks", "risks", Risk, "Risks"),
        Collection("controls", "risks", Control, "Controls"),
        Collection("insurance", "risks", Insurance, "Insurance"),
        Collection("plans", "programme", PlanDocument, "Plans"),
        Collection("assumptions", "programme", Assumption, "Assumptions"),
        Collection("approvals", "programme", Approval, "Approvals"),
        Collection("reviews", "programme", Review, "Reviews"),
        Collection("documents", "programme", Document, "Documents"),
        Collection("evidence", "programme", Evidence, "Evidence"),
        Collection("exercises", "exercises", Exercise, "Exercises"),
        Collection("corrective_actions", "exercises", CorrectiveAction, "Corrective actions"),
        Collection("courses", "exercises", Course, "Courses"),
        Collection("training_records", "exercises", TrainingRecord, "Training"),
        Collection("incidents", "incidents", Incident, "Incidents"),
        Collection("damage_assessments", "incidents", DamageAssessment, "Damage assessments"),
        Collection("exclusions", "exclusions", Exclusion, "Excluded findings"),
    )
}

SECTIONS = tuple(dict.fromkeys(c.section for c in COLLECTIONS.values()))
