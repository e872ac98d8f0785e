"""Call trees: whoever answers has their own people called next; a branch whose caller does not answer is repaired.

First the fallback that the plan names takes the branch over; when there is none, or it does not answer either, the
people of the branch are called directly. So a branch is never lost because of one person.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field

from openline.incident.command import OPEN, Command, Context, NotNow, NotThere, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.paging import WAIT_S, PageOrdered, is_active, page_id
from openline.incident.people import TreeRun
from openline.incident.state import State
from openline.plan.document import Plan
from openline.plan.record import Name, Slug, Text
from openline.plan.roles import CallNode, CallTree

CALL_S = 60.0
"""How long one call takes, told and understood (assumed, domain 7.3)."""


class CallTheTree(Command):
    """Call everybody of a call tree."""

    tree: Slug
    subject: Name
    text: Text = Field(min_length=1)


@stored("tree.started")
class TreeStarted(Event):
    """A call tree is being called."""

    tree: Slug
    subject: Name
    text: Text


@stored("tree.called")
class TreeCalled(Event):
    """Somebody of the tree is called by a page; `stands_for` is whose branch they are to take over."""

    tree: Slug
    person: Slug
    page: Slug
    stands_for: Slug | None = None


@stored("tree.branch_repaired")
class BranchRepaired(Event):
    """Somebody did not answer, and their branch goes on without them."""

    tree: Slug
    person: Slug
    how: Name


@decides(CallTheTree, OPEN)
def call_the_tree(state: State, command: CallTheTree, c: Context) -> Sequence[Event]:
    """Begin at the root; what follows is decided as people answer."""
    if command.tree not in c.plan.call_trees:
        raise NotThere(f"the plan has no call tree {command.tree!r}")
    if command.tree in state.trees:
        raise NotNow("this tree is being called already")
    return [TreeStarted(tree=command.tree, subject=command.subject, text=command.text)]


@folds(TreeStarted)
def _started(state: State, e: TreeStarted, entry: Entry) -> None:
    state.trees[e.tree] = TreeRun(e.tree, e.subject, e.text, entry.entered_at)


@folds(TreeCalled)
def _called(state: State, e: TreeCalled, entry: Entry) -> None:
    run = state.trees[e.tree]
    run.pages[e.person] = e.page
    if e.stands_for is not None:
        run.stands_for[e.person] = e.stands_for


@folds(BranchRepaired)
def _repaired(state: State, e: BranchRepaired, entry: Entry) -> None:
    state.trees[e.tree].repaired[e.person] = e.how


def onward(state: State, c: Context) -> Iterator[Event]:
    """Yield what follows of itself in every tree that is being called, one thing at a time."""
    for run in state.trees.values():
        tree = c.plan.call_trees.get(run.tree)
        if tree is not None:
            yield from _onward(state, c.plan, tree, run)


def _onward(state: State, plan: Plan, tree: CallTree, run: TreeRun) -> Iterator[Event]:
    nodes = {n.person: n for n in tree.nodes}
    yield from (_page(page, nodes.get(p), p, run) for p, page in run.pages.items() if page not in state.pages)
    for person, stands_for in _due(state, plan, tree, run):
        if person not in run.pages and is_active(plan, person):
            yield TreeCalled(tree=tree.id, person=person, page=page_id(state), stands_for=stands_for)
    for person, how in _broken(state, plan, tree, run):
        if person not in run.repaired:
            yield BranchRepaired(tree=tree.id, person=person, how=how)


def _page(name: str, node: CallNode | None, person: str, run: TreeRun) -> PageOrdered:
    return PageOrdered(
        page=name,
        ask="acknowledge",
        rungs=((person,),),
        wait_s=node.timeout_s if node is not None and node.timeout_s else WAIT_S,
        repeats=node.retries if node is not None else 0,
        channels=node.channels if node is not None else (),
        subject=run.subject,
        text=run.text,
    )


def _due(state: State, plan: Plan, tree: CallTree, run: TreeRun) -> Iterator[tuple[str, str | None]]:
    """Yield (person, whose branch they take over) of all who are to be called by now."""
    yield tree.root, None
    for node in tree.nodes:
        if _answered(state, run, node.person) or _is_let_go(state, plan, run, node):
            yield from ((child, None) for child in node.children)
        elif node.fallback is not None and _is_silent(state, plan, run, node.person):
            yield node.fallback, node.person


def _is_let_go(state: State, plan: Plan, run: TreeRun, node: CallNode) -> bool:
    """Tell whether a branch goes on without its caller: the fallback has answered, or there is nobody to wait for."""
    if not _is_silent(state, plan, run, node.person):
        return False
    if node.fallback is None or not is_active(plan, node.fallback):
        return True
    return _answered(state, run, node.fallback) or _is_silent(state, plan, run, node.fallback)


def _broken(state: State, plan: Plan, tree: CallTree, run: TreeRun) -> Iterator[tuple[str, str]]:
    """Yield (who does not answer, how the branch was repaired) of every caller with people of their own."""
    for node in tree.nodes:
        if node.children and _is_let_go(state, plan, run, node):
            by_fallback = node.fallback is not None and _answered(state, run, node.fallback)
            yield node.person, f"{node.fallback} took it over" if by_fallback else "its people are called directly"


def _answered(state: State, run: TreeRun, person: str) -> bool:
    page = state.pages.get(run.pages.get(person, ""))
    return page is not None and page.state == "acknowledged"


def _is_silent(state: State, plan: Plan, run: TreeRun, person: str) -> bool:
    """Tell whether somebody was called and did not answer, or is not there to be called."""
    page = state.pages.get(run.pages.get(person, ""))
    return not is_active(plan, person) or (page is not None and page.state in ("exhausted", "cancelled"))


@dataclass(frozen=True, slots=True)
class Reach:
    """Who hears and when, in seconds from the start; how each broken branch was repaired; who does not hear."""

    heard_s: dict[str, float]
    repaired: dict[str, str]
    silent: tuple[str, ...]

    def share(self, within_s: float) -> float:
        """Return the share of the tree's people who have heard by then."""
        everybody = len(self.heard_s) + len(self.silent)
        return sum(s <= within_s for s in self.heard_s.values()) / everybody if everybody else 0.0


def simulated(tree: CallTree, silent: frozenset[str], call_s: float = CALL_S) -> Reach:
    """Return how a tree is reached when some do not answer; each caller calls one after the other.

    Parameters
    ----------
    silent : those who do not answer, each after their time-out and retries.
    call_s : seconds that a call takes which is answered.
    """
    nodes = {n.person: n for n in tree.nodes}
    heard: dict[str, float] = {}
    lost: dict[str, float] = {}
    repaired: dict[str, str] = {}
    gone_on: set[str] = set()
    todo: list[tuple[str, float]] = [(tree.root, 0.0)]
    while todo:
        person, at = todo.pop(0)
        if person in gone_on:
            continue
        gone_on.add(person)
        node = nodes.get(person)
        if person not in heard and person not in lost:
            _tried(person, node, at, silent, call_s, heard, lost)
        known = heard[person] if person in heard else lost[person]
        children = node.children if node is not None else ()
        if not children or node is None:
            continue
        begin = known
        if person in lost:
            begin, repaired[person] = _mended(node, nodes, known, silent, call_s, heard, lost, dict(todo))
        step = call_s if person in heard or "took it over" in repaired.get(person, "") else 0.0
        todo += [(child, begin + n * step) for n, child in enumerate(children)]
        todo.sort(key=lambda x: x[1])
    return Reach(heard, repaired, tuple(lost))


def _tried(
    person: str,
    node: CallNode | None,
    at: float,
    silent: frozenset[str],
    call_s: float,
    heard: dict[str, float],
    lost: dict[str, float],
) -> float:
    """Note when somebody hears, or is given up; returns that time."""
    if person not in silent:
        heard[person] = at + call_s
        return heard[person]
    wait = node.timeout_s if node is not None and node.timeout_s else WAIT_S
    lost[person] = at + wait * (1 + (node.retries if node is not None else 0))
    return lost[person]


def _mended(
    node: CallNode,
    nodes: dict[str, CallNode],
    at: float,
    silent: frozenset[str],
    call_s: float,
    heard: dict[str, float],
    lost: dict[str, float],
    due: dict[str, float],
) -> tuple[float, str]:
    """Return when a broken branch goes on, and how; `due` is when those who wait for their turn are called."""
    fallback = node.fallback
    if fallback is None:
        return at, "its people are called directly"
    if fallback not in heard and fallback not in lost:
        _tried(fallback, nodes.get(fallback), min(at, due.get(fallback, at)), silent, call_s, heard, lost)
    at = max(at, heard[fallback] if fallback in heard else lost[fallback])
    return at, f"{fallback} took it over" if fallback in heard else "its people are called directly"
