"""Every address of the server with the right that it needs, as the resolver has them, and the tables of the docs."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from openline.server.accounts.rights import RIGHTS, ROLES, Right, words
from openline.server.accounts.roles import needed


@dataclass(frozen=True, slots=True)
class Door:
    """One address: its view, and what it needs to be read and to be changed; open ones need no account."""

    address: str
    view: Callable[..., HttpResponseBase]
    is_open: bool
    right: Right | None
    to_change: Right | None


def doors(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[Door]:
    """Yield every address of the server, in the order in which they are tried."""
    found: list[URLPattern | URLResolver] = (resolver or get_resolver()).url_patterns
    for entry in found:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from doors(entry, address)
        else:
            view: Any = entry.callback
            is_open = not getattr(view, "login_required", True)
            yield Door(readable(address), view, is_open, needed(view, "GET"), needed(view, "POST"))


def readable(address: str) -> str:
    """Return an address without the marks of regular expressions and converters: `/<slug>/plan/`."""
    named = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", address)
    return re.sub(r"<\w+:(\w+)>", r"<\1>", named).replace("^", "").replace("$", "").replace("\\", "")


def doors_table() -> str:
    """Return the addresses as a table for the docs."""
    rows = [f"| `{d.address}` | {_need(d)} |" for d in doors()]
    return "\n".join(["| address | needs |", "| --- | --- |", *rows])


def _need(door: Door) -> str:
    if door.is_open:
        return "nothing: open, and limited"
    if door.right == door.to_change:
        return f"`{door.right}`"
    return f"`{door.right}`; to send the form `{door.to_change}`"


def roles_table() -> str:
    """Return the roles as a table for the docs."""
    rows = [f"| {words((role,))} | {meaning.says} |" for role, meaning in ROLES.items()]
    return "\n".join(["| role | what it is for |", "| --- | --- |", *rows])


def rights_table() -> str:
    """Return the rights with the roles that have them as a table for the docs."""
    rows = [
        f"| `{right}` | {says} | {words(r for r, m in ROLES.items() if right in m.rights)} |"
        for right, says in RIGHTS.items()
    ]
    return "\n".join(["| right | lets one | comes with |", "| --- | --- | --- |", *rows])


TABLES = {"roles": roles_table, "rights": rights_table, "doors": doors_table}


def written(text: str) -> str:
    """Return a page of the docs with its tables as they are now; each stands between two marks."""
    for name, table in TABLES.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
        text = mark.sub(lambda m, table=table: m[1] + table() + m[2], text)  # type: ignore[misc]
    return text
