"""The plan's papers: scope, assumptions, reviews, approvals, copies and proofs."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.record import Entity, Name, NodeRef, ObjectRef, Record, Ref, RoleRef, Slug, Text

ProcedureRef = Annotated[Slug, Ref(("procedures",))]
PlanDocumentRef = Annotated[Slug, Ref(("plans",))]
Reviewed = Annotated[
    Slug, Ref(("plans", "procedures", "activities", "systems", "sites", "vendors", "scenarios", "arrangements"))
]


class PlanDocument(Entity):
    """A plan as people speak of it: its scope, parts and version."""

    scope: Text = ""
    objectives: tuple[Text, ...] = ()
    covers: tuple[ObjectRef, ...] = Field((), description="Sites, systems and activities it is for; empty means all.")
    assumptions: tuple[Annotated[Slug, Ref(("assumptions",))], ...] = ()
    levels: tuple[Annotated[Slug, Ref(("levels",))], ...] = ()
    identification: tuple[ProcedureRef, ...] = Field((), description="How an incident is recognised.")
    emergency_mode: tuple[ProcedureRef, ...] = Field((), description="How the centre changes to emergency mode.")
    resumption: tuple[ProcedureRef, ...] = Field((), description="How it returns to normal.")
    procedures: tuple[ProcedureRef, ...] = Field((), description="Procedures that belong to it besides those three.")
    annexes: tuple[Name, ...] = ()
    version: Name | None = None
    version_on: date | None = None
    authors: tuple[RoleRef, ...] = ()
    distribution: tuple[Name, ...] = ()
    stored_on: tuple[NodeRef, ...] = Field((), description="Systems and sites that hold it.")


class Assumption(Entity):
    """Something the plan takes for granted."""

    text: Annotated[Text, Field(min_length=1)]
    expires: date | None = None
    tested_by: Annotated[Slug, Ref(("exercises",))] | None = None


class Approval(Entity):
    """Somebody's yes to one content: it names a hash, so a change loses it."""

    object: PlanDocumentRef
    content_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        None, description="Of the plan without its approvals, as `openline validate` says it."
    )
    version: Name | None = Field(None, description="Version that was approved, where papers go by versions.")
    by: RoleRef | None = None
    by_person: Annotated[Slug, Ref(("persons",))] | None = None
    on: date | None = None


class Review(Entity):
    """A reading of something, due or done."""

    object: Reviewed
    due: date | None = None
    done: date | None = None
    by: RoleRef | None = None
    outcome: Literal["unchanged", "changed", "retired"] | None = None
    material_change: bool | None = Field(None, description="What was found changes what the plan promises.")


class OfflineCopy(Record):
    """A copy that needs no system of ours."""

    place: Name
    site: Annotated[Slug, Ref(("sites",))] | None = None
    on: date | None = None
    version: Name | None = None


class Document(Entity):
    """A paper made from the plan: which version, for whom, and where copies lie."""

    kind: Literal[
        "plan", "contact_list", "bia_report", "risk_report", "runbook", "role_card", "call_tree", "vendor_cards",
        "go_bag_list", "evacuation_pack", "other",
    ]  # fmt: skip
    object: PlanDocumentRef | None = None
    version: Name | None = None
    generated_at: date | None = None
    content_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    recipients: tuple[Name, ...] = ()
    stored_on: tuple[NodeRef, ...] = Field((), description="Systems and sites that hold it.")
    offline_copies: tuple[OfflineCopy, ...] = ()


class Evidence(Entity):
    """A file that proves something."""

    proves: Annotated[Text, Field(min_length=1)]
    file: Name | None = Field(None, description="Where it is kept.")
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    on: date | None = None
    valid_until: date | None = None
