"""The question: what fails, when, for how long, with which overlays."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from openline.plan.document import Plan
from openline.units import DurationError, format_duration, parse_duration

LONGEST_S = 366 * 86400.0
KIND_TITLES = {
    "sites": "Sites",
    "feeds": "Mains and other supplies",
    "ups": "Batteries",
    "generators": "Generators",
    "entrances": "Cable entrances",
    "network_paths": "Network paths",
    "trunk_groups": "Lines",
    "numbers": "Numbers",
    "systems": "Systems",
    "activities": "Queues and other work",
    "agent_groups": "Teams",
    "partners": "Partners",
    "agreements": "Overflow agreements",
}


class Question(forms.Form):
    """A what-if question; `what` is a scenario, or objects that are struck."""

    what = forms.ChoiceField(label="What happens?")
    at = forms.DateTimeField(
        label="When does it begin?",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    lasts = forms.CharField(
        label="For how long?", required=False, max_length=20, help_text="3h, 90m or 2d; empty: as long as is typical"
    )
    overlays = forms.MultipleChoiceField(label="With", required=False, widget=forms.CheckboxSelectMultiple)
    versus = forms.ChoiceField(label="Show beside it", required=False)

    def __init__(self, *args: object, plan: Plan, overlays: list[tuple[str, str, str]], **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self.plan = plan
        self.about = overlays
        choices = [(name, title) for name, title, _ in overlays]
        self.fields["what"].choices = _choices(plan)  # type: ignore[attr-defined]
        self.fields["overlays"].choices = choices  # type: ignore[attr-defined]
        self.fields["versus"].choices = [("", "nothing"), ("none", "the plan as it is"), *choices]  # type: ignore[attr-defined]

    def clean_at(self) -> datetime:
        """Return the onset as UTC; what was typed is the organization's clock."""
        typed: datetime = self.cleaned_data["at"]
        local = typed.replace(tzinfo=ZoneInfo(self.plan.organization.tz))
        if not 1990 <= local.year <= 2100:
            raise ValidationError("Choose a year between 1990 and 2100.")
        return local.astimezone(UTC)

    def clean_lasts(self) -> float | None:
        """Return seconds, None for the scenario's typical duration."""
        text: str = self.cleaned_data["lasts"].strip()
        if not text:
            return None
        try:
            seconds = parse_duration(text)
        except DurationError as error:
            raise ValidationError(f"{error}.") from error
        if not 60 <= seconds <= LONGEST_S:
            raise ValidationError(f"Choose between 1 minute and {format_duration(LONGEST_S)}.")
        return seconds


def _choices(plan: Plan) -> list[tuple[str, object]]:
    scenarios = [(f"scenario:{s.id}", s.title) for s in plan.scenarios.values()]
    groups: list[tuple[str, object]] = [("Scenarios of the plan", scenarios)] if scenarios else []
    for collection, title in KIND_TITLES.items():
        objects = [(f"object:{e.id}", f"{e.title} fails") for e in plan.collection(collection).values()]
        if objects:
            groups.append((title, objects))
    return groups


def first_question(plan: Plan, today: datetime) -> dict[str, object]:
    """Return what the form asks before anybody has chosen: the first scenario on the coming Monday at ten."""
    day = today.astimezone(ZoneInfo(plan.organization.tz)).replace(hour=10, minute=0, second=0, microsecond=0)
    day += timedelta(days=(7 - day.weekday()) % 7 or 7)
    what = next((f"scenario:{s}" for s in plan.scenarios), "")
    return {"what": what, "at": day.strftime("%Y-%m-%dT%H:%M"), "lasts": "", "overlays": [], "versus": ""}
