"""Runs `realtime describe`: what the models know of events and objects, as text or JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import TextIO

from rich.console import Console
from rich.text import Text

from realtime_cli.errors import BadInput, ExitStatus
from realtime_cli.protocol.catalog import EventDescription, EventInfo, describe, event_types, nearest
from realtime_cli.protocol.rows import FieldRow

from .environment import Environment

_INDENT = 2
_COLUMN = 34


def run_describe(name: str | None, *, as_json: bool) -> ExitStatus:
    """Shows one event or object, or the list of all events."""
    env = Environment.here()
    console = env.out()
    if name is None:
        infos = event_types()
        _list_json(env.stdout, infos) if as_json else _list(console, infos)
        return ExitStatus.OK
    found = describe(name)
    if found is None:
        alike = ", ".join(nearest(name))
        hint = f"did you mean {alike}?" if alike else "`realtime describe` lists all events"
        raise BadInput(f"there is no event or object named {name}", hint=hint)
    _print_json(env.stdout, found) if as_json else _print(console, found)
    return ExitStatus.OK


def _list(console: Console, infos: Iterable[EventInfo]) -> None:
    title = ""
    for info in infos:
        heading = f"{info.side} events, {info.family}"
        if heading != title:
            console.print(Text(f"{'' if not title else chr(10)}{heading}", "mark"))
            title = heading
        beta = f" (beta: {info.beta_name})" if info.beta_name and info.beta_name != info.name else ""
        _hanging(console, Text(info.name, "key"), Text(f"{info.doc}{beta}"))


def _list_json(stream: TextIO, infos: Iterable[EventInfo]) -> None:
    for info in infos:
        fields = {
            "type": info.name,
            "side": info.side,
            "family": info.family,
            "beta": info.beta_name,
            "doc": info.doc,
        }
        stream.write(json.dumps(fields) + "\n")


def _print(console: Console, found: EventDescription) -> None:
    head = Text(found.name, "mark")
    if found.info is not None:
        head.append(f"  {found.info.side} event, {found.info.family}", "info")
    console.print(head)
    for line in _wrapped(console, Text(found.doc), 0):
        console.print(line, soft_wrap=True)
    console.print()
    for row in found.fields:
        _hanging(console, Text(row.path, "key"), _about(row))
    console.print(Text("\nexample", "mark"))
    console.print(Text(json.dumps(found.example, indent=2, ensure_ascii=False)), soft_wrap=True)


def _about(row: FieldRow) -> Text:
    about = Text(row.kind, "number")
    if row.required:
        about.append(" required", "warning")
    parts = [
        row.limits,
        _values(row),
        row.doc,
        f"only in: {row.when}" if row.when else "",
        f"see {row.see}" if row.see else "",
    ]
    for part in parts:
        if part:
            about.append(f"; {part}")
    return about


def _values(row: FieldRow) -> str:
    if not row.known:
        return ""
    return " | ".join(row.known) if row.closed else f"such as {', '.join(row.known)}"


def _hanging(console: Console, term: Text, text: Text) -> None:
    """A term and its explanation: beside it where there is room, else under it."""
    indent = _COLUMN if console.width >= 2 * _COLUMN else _INDENT
    first, *rest = _wrapped(console, text, indent)
    if term.cell_len < indent:
        term.append(" " * (indent - term.cell_len)).append_text(first)
    else:
        rest.insert(0, first)
    console.print(term, soft_wrap=True)
    for line in rest:
        console.print(Text(" " * indent).append_text(line), soft_wrap=True)


def _wrapped(console: Console, text: Text, indent: int) -> list[Text]:
    lines = list(text.wrap(console, max(8, console.width - indent)))
    for line in lines:
        line.rstrip()
    return lines


def _print_json(stream: TextIO, found: EventDescription) -> None:
    value = {
        "name": found.name,
        "doc": found.doc,
        "side": found.info.side if found.info else None,
        "family": found.info.family if found.info else None,
        "fields": [dataclasses.asdict(row) for row in found.fields],
        "example": found.example,
    }
    stream.write(json.dumps(value, ensure_ascii=False) + "\n")
