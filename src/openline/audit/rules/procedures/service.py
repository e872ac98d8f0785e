"""How customers are served meanwhile."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, untiered


@rule("AR-140", "high", serves="PLN-05 COM-12")
def no_emergency_service_protocol(g: Ground) -> Verdicts:
    """It is not said what customers of a tier-1 queue get in an emergency.

    Why: protocols for handling inquiries, complaints and requests during emergencies [seed 000].
    Computed: a tier-1 activity without contact types, or with one that lacks an action, a script or (where it is
    served) the agent's authority. Campaigns and back offices have no customers who call, so they are judged by what
    they list; a protocol in words alone can not be judged.
    Fix: say for each kind of contact what is done, in which words, and what an agent may grant.

        contact_types:
          - {id: injury, activity: accidents, share: 0.2, emergency_action: serve, script: Card 1,
             authority_limit: 200 GBP}
    """
    yield from untiered(g)
    for a in g.tier_one:
        kinds = [c for c in g.plan.contact_types.values() if c.activity == a.id]
        if not kinds:
            if a.kind in NO_QUEUE and not a.emergency_protocol.strip():
                continue
            if a.emergency_protocol.strip():
                yield unknown(a, why=f"{a.title} has a protocol, but its contact types are not listed")
            else:
                yield fail(
                    a, f"nothing says which contacts of {a.title} are served in an emergency", at="emergency_protocol"
                )
            continue
        for c in kinds:
            needs_authority = c.emergency_action in ("serve", "short_serve")
            lacks = ["an action"] if c.emergency_action is None else []
            lacks += ["a script"] if not c.script.strip() else []
            lacks += (
                ["the agent's authority"]
                if needs_authority and not c.authority_limit.strip() and c.authority_role is None
                else []
            )
            yield (
                fail(c, f"{c.title} of {a.title} lacks {names(lacks)}", a.id, at=FIELDS[lacks[0]], lacks=lacks)
                if lacks
                else ok(c)
            )


FIELDS = {"an action": "emergency_action", "a script": "script", "the agent's authority": "authority_limit"}
"""Fields of a contact type by what is told of them."""

NO_QUEUE = ("outbound_campaign", "back_office")


@rule("AR-141", "medium", serves="STR-27 TEC-10 PLN-12")
def workaround_can_not_be_used(g: Ground) -> Verdicts:
    """A manual workaround is not complete.

    Why: without form, limit and practice people make it up [HIPAA emergency mode].
    Computed: a workaround without forms, longest duration, a way to capture the data, or people who have practised it.
    Fix: add the form, the longest time, how data get back in, and a practice.

        systems:
          - {id: crm, kind: crm, manual_workaround: {text: On paper, capacity_fraction: 0.65, max_duration_s: 24h,
             forms: Form P1, data_capture: Keyed in and compared, trained: true}}
    """
    by_hand = {i for r in g.plan.arrangements.values() if r.option == "manual" for i in r.for_}
    for s in g.plan.systems.values():
        if s.id in by_hand and s.manual_workaround is None:
            yield unknown(s, "manual_workaround")
    found = [s for s in g.plan.systems.values() if s.manual_workaround is not None]
    for s in found:
        way = s.manual_workaround
        if way is None:
            continue
        lacks = ["forms"] if not way.forms.strip() else []
        lacks += ["a longest duration"] if way.max_duration_s is None else []
        lacks += ["a way to capture the data"] if not way.data_capture.strip() else []
        lacks += ["people who have practised it"] if way.trained is False else []
        if lacks:
            yield fail(s, f"the workaround of {s.title} lacks {names(lacks)}", at="manual_workaround", lacks=lacks)
        elif way.trained is None:
            yield unknown(s, "manual_workaround.trained")
        else:
            yield ok(s)
