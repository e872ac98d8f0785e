"""YAML as a tree whose every node knows its file and line.

Only what a plan needs: mappings with text keys, lists, scalars. Anchors, tags and second documents are refused,
so that a small file can not grow in memory.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from openline.plan.problem import Problem

MAX_FILE_BYTES = 4_000_000
MAX_DEPTH = 20
STACK = 1_000
"""Levels that the parser's own stack is trusted with: tens of thousands would end the whole process."""


@dataclass(slots=True)
class Tree:
    """A node: `value` is a dict of trees, a list of trees or a scalar."""

    value: Any
    file: str
    line: int
    key_lines: dict[str, int] = field(default_factory=dict)


def plain(tree: Tree) -> Any:
    """Return the tree as plain Python values."""
    if isinstance(tree.value, dict):
        return {k: plain(v) for k, v in tree.value.items()}
    if isinstance(tree.value, list):
        return [plain(v) for v in tree.value]
    return tree.value


def locate(tree: Tree, path: tuple[str | int, ...]) -> tuple[str, int]:
    """Return file and line of the deepest node along the path; of the key itself where there is one."""
    line = tree.line
    for step in path:
        inner: Tree | None = None
        if isinstance(tree.value, dict) and isinstance(step, str):
            line = tree.key_lines.get(step, line)
            inner = tree.value.get(step)
        elif isinstance(tree.value, list) and isinstance(step, int) and step < len(tree.value):
            inner = tree.value[step]
            line = inner.line
        if inner is None:
            break
        tree = inner
        line = tree.line if not isinstance(tree.value, dict | list) else line
    return tree.file, line


@lru_cache(maxsize=64)
def parse(file: str, text: str) -> tuple[Tree | None, tuple[Problem, ...]]:
    """Return the file's tree and what is wrong with its YAML; no tree when it can not be read at all.

    Trees are kept and handed out again, so nobody may alter them.
    """
    tree, problems = _parsed(file, text)
    return tree, tuple(problems)


def _parsed(file: str, text: str) -> tuple[Tree | None, list[Problem]]:
    if len(text) > MAX_FILE_BYTES:
        return None, [Problem(file, 0, "", "the file is larger than 4 MB", "split the section into a folder")]
    try:
        if line := _too_deep(text):
            return None, [Problem(file, line, "", "nested too deeply", "a plan has few levels")]
        node = YAML(typ="safe").compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = " ".join(str(error.problem or error.context or "not YAML").split())
        return None, [Problem(file, mark.line + 1 if mark else 0, "", f"not readable as YAML: {told}")]
    except (YAMLError, ValueError, RecursionError) as error:
        told = " ".join(str(error).split())[:200]
        return None, [Problem(file, 0, "", f"not readable as YAML: {told or type(error).__name__}")]
    if node is None:
        return Tree({}, file, 1), []
    reader = _Reader(file)
    return reader.read(node, ()), reader.problems


def _too_deep(text: str) -> int:
    """Return the line on which nesting passes STACK, 0 when none does; raises what the parser raises.

    Only what these signs begin can nest so deeply in a file of this size: indentation grows with the square of it.
    """
    if sum(map(text.count, "-?:[{")) <= STACK:
        return 0
    depth = 0
    for event in YAML(typ="safe").parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > STACK:
            return int(event.start_mark.line) + 1
    return 0


class _Reader:
    """Turns the nodes of one file into trees and gathers what is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def read(self, node: Node, path: tuple[str | int, ...]) -> Tree:
        line = node.start_mark.line + 1
        if len(path) > MAX_DEPTH:
            self._tell(line, path, "nested too deeply", "a plan has few levels")
            return Tree(None, self.file, line)
        if id(node) in self._seen:
            self._tell(line, path, "anchors and aliases are not used in plans", "write the value out")
            return Tree(None, self.file, line)
        self._seen.add(id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, path, line)
        if isinstance(node, SequenceNode):
            return Tree([self.read(n, (*path, i)) for i, n in enumerate(node.value)], self.file, line)
        if isinstance(node, ScalarNode):
            return Tree(self._scalar(node, path, line), self.file, line)
        return Tree(None, self.file, line)

    def _mapping(self, node: MappingNode, path: tuple[str | int, ...], line: int) -> Tree:
        tree = Tree({}, self.file, line)
        for key, value in node.value:
            name = str(key.value) if isinstance(key, ScalarNode) else "?"
            at = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self._tell(at, path, "a key must be a word", "")
            elif name in tree.value:
                self._tell(at, (*path, name), "the key stands twice", "keep one of them")
            tree.value[name] = self.read(value, (*path, name))
            tree.key_lines[name] = at
        return tree

    def _scalar(self, node: ScalarNode, path: tuple[str | int, ...], line: int) -> Any:
        tag = str(node.tag)
        if tag in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:str"):
            return node.value
        kinds = {"null", "bool", "int", "float"}
        if tag.removeprefix("tag:yaml.org,2002:") not in kinds:
            self._tell(line, path, f"the YAML tag {tag} is not used in plans", "write a plain value")
            return None
        return _scalar_value(tag.rpartition(":")[2], str(node.value))

    def _tell(self, line: int, path: tuple[str | int, ...], message: str, hint: str) -> None:
        self.problems.append(Problem(self.file, line, dotted(path), message, hint))


def _scalar_value(kind: str, text: str) -> Any:
    """Return the value of a YAML 1.2 scalar; its text when the number can not be had."""
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    try:
        return int(text.replace("_", ""), 0) if kind == "int" else float(text.replace("_", ""))
    except ValueError:
        return text


def dotted(path: tuple[str | int, ...]) -> str:
    """Return a path as people read it: systems[2].needs[0].to."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")
