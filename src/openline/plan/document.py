"""The whole plan as one frozen value."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from openline.plan.activities import Activity, ContactType
from openline.plan.arrangements import Arrangement
from openline.plan.communication import MessageTemplate, Stakeholder
from openline.plan.data import Backup, DataSet
from openline.plan.exclusions import Exclusion
from openline.plan.exercises import CorrectiveAction, Course, Exercise, TrainingRecord
from openline.plan.incidents import DamageAssessment, Incident
from openline.plan.monitoring import AssessmentForm, Level, MaintenanceTask, Monitor, Trigger
from openline.plan.network import Entrance, NetworkPath
from openline.plan.organization import Organization
from openline.plan.partners import OverflowAgreement, Partner
from openline.plan.people import AgentGroup, Language, Person, Skill, Team
from openline.plan.procedures import Procedure
from openline.plan.programme import Approval, Assumption, Document, Evidence, PlanDocument, Review
from openline.plan.record import NODE_COLLECTIONS, Entity
from openline.plan.risks import Control, Insurance, Risk
from openline.plan.roles import CallTree, ContinuityRole
from openline.plan.scenarios import Scenario
from openline.plan.sections import COLLECTIONS
from openline.plan.sites import Cooling, FireSafety, Generator, HazardZone, Security, Site, Ups, UtilityFeed
from openline.plan.systems import Component, System
from openline.plan.tables import Profile, Quantiles
from openline.plan.telephony import Announcement, CarrierAccess, Number, TrunkGroup
from openline.plan.vendors import Vendor


@dataclass(frozen=True)
class Plan:
    """Everything that was read; collections by id, in the order of the files."""

    organization: Organization
    hazard_zones: dict[str, HazardZone] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    feeds: dict[str, UtilityFeed] = field(default_factory=dict)
    ups: dict[str, Ups] = field(default_factory=dict)
    generators: dict[str, Generator] = field(default_factory=dict)
    cooling: dict[str, Cooling] = field(default_factory=dict)
    fire_safety: dict[str, FireSafety] = field(default_factory=dict)
    security: dict[str, Security] = field(default_factory=dict)
    entrances: dict[str, Entrance] = field(default_factory=dict)
    network_paths: dict[str, NetworkPath] = field(default_factory=dict)
    trunk_groups: dict[str, TrunkGroup] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    announcements: dict[str, Announcement] = field(default_factory=dict)
    carrier_access: dict[str, CarrierAccess] = field(default_factory=dict)
    systems: dict[str, System] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)
    data_sets: dict[str, DataSet] = field(default_factory=dict)
    backups: dict[str, Backup] = field(default_factory=dict)
    monitors: dict[str, Monitor] = field(default_factory=dict)
    maintenance_tasks: dict[str, MaintenanceTask] = field(default_factory=dict)
    levels: dict[str, Level] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    assessment_forms: dict[str, AssessmentForm] = field(default_factory=dict)
    vendors: dict[str, Vendor] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    agreements: dict[str, OverflowAgreement] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    contact_types: dict[str, ContactType] = field(default_factory=dict)
    skills: dict[str, Skill] = field(default_factory=dict)
    languages: dict[str, Language] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    agent_groups: dict[str, AgentGroup] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)
    roles: dict[str, ContinuityRole] = field(default_factory=dict)
    call_trees: dict[str, CallTree] = field(default_factory=dict)
    stakeholders: dict[str, Stakeholder] = field(default_factory=dict)
    templates: dict[str, MessageTemplate] = field(default_factory=dict)
    arrangements: dict[str, Arrangement] = field(default_factory=dict)
    procedures: dict[str, Procedure] = field(default_factory=dict)
    scenarios: dict[str, Scenario] = field(default_factory=dict)
    risks: dict[str, Risk] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    insurance: dict[str, Insurance] = field(default_factory=dict)
    plans: dict[str, PlanDocument] = field(default_factory=dict)
    assumptions: dict[str, Assumption] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)
    reviews: dict[str, Review] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    exercises: dict[str, Exercise] = field(default_factory=dict)
    corrective_actions: dict[str, CorrectiveAction] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)
    training_records: dict[str, TrainingRecord] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    damage_assessments: dict[str, DamageAssessment] = field(default_factory=dict)
    exclusions: dict[str, Exclusion] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    """Volumes and rosters by file name."""
    quantiles: dict[str, Quantiles] = field(default_factory=dict)
    """Tables of random times by file name."""

    def collection(self, name: str) -> dict[str, Entity]:
        """Return one collection by the name it has in the files."""
        found: dict[str, Entity] = getattr(self, name)
        return found

    def nodes(self) -> Iterator[tuple[str, Entity]]:
        """Yield (collection name, entity) for everything that can fail, in a fixed order."""
        for name in NODE_COLLECTIONS:
            for entity in self.collection(name).values():
                yield name, entity

    def node(self, node_id: str) -> Entity | None:
        """Return the object with this id, whatever its kind, or None."""
        for name in NODE_COLLECTIONS:
            found = self.collection(name).get(node_id)
            if found is not None:
                return found
        return None


def approval_hash(plan: Plan) -> str:
    """Return the hash that an approval names: of everything but the approvals, which would change it themselves."""
    return content_hash(replace(plan, approvals={}))


def content_hash(plan: Plan) -> str:
    """Return the SHA-256 of the plan's content: equal for equal plans, whatever their files look like."""
    document = {"organization": plan.organization.model_dump(mode="json", by_alias=True)}
    for name in COLLECTIONS:
        entities = sorted(plan.collection(name).values(), key=lambda e: e.id)
        document[name] = [e.model_dump(mode="json", by_alias=True) for e in entities]  # type: ignore[assignment]
    document["profiles"] = {k: p.as_json() for k, p in sorted(plan.profiles.items())}
    document["quantiles"] = {k: q.as_json() for k, q in sorted(plan.quantiles.items())}
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
