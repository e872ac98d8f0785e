"""The plan's tables (volumes, rosters, quantiles) as CSV text."""

from openline.plan.document import Plan
from openline.plan.tables import Profile


def table_files(plan: Plan) -> dict[str, str]:
    """Return the CSV text of every table by its file."""
    rosters = {g.roster for g in plan.agent_groups.values()}
    found = {}
    for file, profile in plan.profiles.items():
        found[file] = profile_text(profile, "agents" if file in rosters else "contacts")
    for file, quantiles in plan.quantiles.items():
        rows = [f"{_number(s)},{_number(t)}" for s, t in zip(quantiles.share, quantiles.seconds, strict=True)]
        found[file] = "\n".join(["share,seconds", *rows]) + "\n"
    return found


def profile_text(profile: Profile, column: str) -> str:
    """Return a volume or roster table as CSV."""
    lines = [f"day,start,{column}"]
    for day, values in profile.days.items():
        for n, value in enumerate(values):
            minute = n * profile.slot_s // 60
            lines.append(f"{day},{minute // 60:02}:{minute % 60:02},{_number(value)}")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
