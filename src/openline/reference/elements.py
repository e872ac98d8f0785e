"""Where the plan holds each of the 24 elements that real continuity plans are made of."""

from openline.reference.pages import MADE

ELEMENTS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "scope": (
        "Purpose, scope, assumptions",
        ("plans.scope", "plans.objectives", "plans.assumptions", "assumptions"),
        ("AR-161",),
    ),
    "versions": (
        "Record of changes and of distribution, confidentiality",
        (
            "plans.version",
            "plans.distribution",
            "reviews",
            "approvals",
            "documents.offline_copies",
            "sites.classification",
        ),
        ("AR-074", "AR-159", "AR-160"),
    ),
    "scenarios": (
        "Planning scenarios and classes of emergency",
        ("scenarios.category", "scenarios.playbook", "levels"),
        ("AR-164", "AR-165"),
    ),
    "critical_systems": (
        "Critical systems and support functions",
        ("systems", "feeds", "sites", "components", "organization.not_applicable"),
        ("AR-016", "AR-017"),
    ),
    "essential_functions": (
        "Essential functions with recovery time targets",
        (
            "activities.criticality",
            "activities.mtpd_s",
            "activities.rto_s",
            "activities.minimum_capacity",
            "activities.impact",
        ),
        ("AR-001", "AR-002", "AR-003"),
    ),
    "dependencies": (
        "Internal and external dependencies",
        ("activities.needs", "systems.needs", "systems.vendor", "vendors", "systems.manual_workaround"),
        ("AR-006", "AR-018", "AR-029"),
    ),
    "vital_records": (
        "Essential records and databases",
        ("data_sets", "backups"),
        ("AR-009", "AR-024", "AR-070", "AR-071"),
    ),
    "failover": (
        "Back-up and failover for each critical system",
        ("systems.standby_system", "systems.failover", "arrangements.responsible_role"),
        ("AR-060", "AR-061", "AR-066"),
    ),
    "call_routing": (
        "Call routing to other sites",
        ("numbers.routing_plans", "trunk_groups", "carrier_access", "network_paths.conduit"),
        ("AR-044", "AR-050", "AR-052", "AR-055"),
    ),
    "alternate_site": (
        "Alternate work site",
        ("sites.role", "sites.seats_total", "sites.activation_time_s", "sites.welfare", "sites.drive_min"),
        ("AR-021", "AR-023", "AR-100"),
    ),
    "devolution": (
        "Devolution: hand the work to another organisation",
        ("partners", "agreements", "arrangements.agreement"),
        ("AR-110", "AR-111", "AR-112"),
    ),
    "augmentation": (
        "Staff augmentation and mutual aid",
        ("agreements.ramp", "agent_groups.remote", "scenarios.effects"),
        ("AR-096", "AR-171"),
    ),
    "succession": (
        "Orders of succession and delegations of authority",
        ("roles.alternates", "roles.authority"),
        ("AR-085", "AR-086", "AR-090"),
    ),
    "roles": (
        "Teams, roles and responsibilities",
        ("roles", "teams", "procedures.team"),
        ("AR-087", "AR-088", "AR-130"),
    ),
    "welfare": ("Employee support", ("sites.welfare", "teams.kind", "organization.thresholds"), ("AR-170",)),
    "contacts": (
        "Emergency contact list",
        ("persons.contacts", "call_trees", "documents.kind"),
        ("AR-101", "AR-102", "AR-074"),
    ),
    "detection": (
        "Detection, notification and escalation",
        ("monitors", "triggers.notify", "call_trees.nodes", "vendors.escalation"),
        ("AR-120", "AR-121", "AR-103"),
    ),
    "assessment": ("Damage assessment", ("assessment_forms", "damage_assessments"), ("AR-127",)),
    "trigger": ("Criteria for activating the plan", ("triggers", "levels.authority"), ("AR-122", "AR-123", "AR-124")),
    "customer_notice": (
        "Notices to customers, leaders and partners",
        ("templates", "stakeholders.deadline_s", "announcements", "levels.targets"),
        ("AR-056", "AR-059", "AR-105", "AR-107"),
    ),
    "recovery": (
        "Recovery procedures",
        ("procedures.phase", "procedures.steps", "procedures.goal"),
        ("AR-007", "AR-131", "AR-137"),
    ),
    "restoration": (
        "Restoration and reconstitution",
        ("procedures.phase", "levels.exit_criteria", "plans.resumption"),
        ("AR-126", "AR-132", "AR-139"),
    ),
    "validation": (
        "Testing, training and exercises",
        ("exercises", "courses", "training_records", "arrangements.proof"),
        ("AR-150", "AR-152", "AR-156", "AR-168"),
    ),
    "maintenance": (
        "Plan maintenance",
        ("plans.last_reviewed", "reviews", "approvals", "corrective_actions"),
        ("AR-153", "AR-158", "AR-169"),
    ),
}
"""By element: its name, where the plan holds it (collection or collection.field), and the rules that judge it."""


def elements_page() -> str:
    """Return the page that shows where the plan holds each element."""
    lines = ["# What plans are made of, and where this one holds it", "", MADE, ""]
    lines += [
        "Twenty-four elements that the plans of contact centres, emergency call centres and agencies have in common",
        "(GSA, FEMA, FCC, CISA and state templates; a checklist in our own words).",
        "",
        "| element | in the plan | judged by |",
        "| --- | --- | --- |",
    ]
    for name, fields, rules in ELEMENTS.values():
        lines.append(f"| {name} | {', '.join(f'`{f}`' for f in fields)} | {', '.join(rules)} |")
    return "\n".join(lines) + "\n"
