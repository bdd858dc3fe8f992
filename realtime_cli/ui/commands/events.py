"""`/send`, and the raw view."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from realtime_cli.core.inputs import UserEvent
from realtime_cli.core.view import SessionView
from realtime_cli.errors import UsageError
from realtime_cli.protocol.catalog import event_types, example
from realtime_cli.protocol.jsontypes import as_object, dump
from realtime_cli.protocol.lint import lint_events
from realtime_cli.protocol.vocabulary import Family, client_events, server_events
from realtime_cli.visible import one_line

from .command import Command, Group, Offer, Typed
from .desk import Desk
from .event_words import Written, from_file, from_json, from_type
from .fields import Paths, paths_of, value_offers
from .files import exists, file_offers
from .json_typing import json_offers, spot_in
from .layout import tell
from .sending import check, family, require_connection
from .words import Line, first, split

_FILES = (".json", ".jsonl")
_LONGEST_EXAMPLE = 240
# A type, and the beginning of its fields: a brace alone may become the example.
_WITH_JSON = re.compile(r"(\S+)\s+(?=\{.)", re.DOTALL)


def _send(desk: Desk, line: Line) -> None:
    events = _written(desk, line)
    if not line.insists:
        for event in events:
            check(desk, event.value)
        _check_order(desk, events)
    require_connection(desk)
    for event in events:
        desk.post(UserEvent(event.raw))
        tell(desk, f"sent {one_line(event.name, limit=80)}")


def _check_order(desk: Desk, events: list[Written]) -> None:
    """Remarks on what no event can know of itself; the server may know better."""
    if desk.view.counters.audio_out_bytes:
        return
    for _, finding in lint_events(event.value for event in events):
        tell(desk, f"warning: this {finding.reason}", "warning")


def _written(desk: Desk, line: Line) -> list[Written]:
    if not line.rest:
        raise UsageError("/send what?", hint="a type, such as response.create, or a file")
    if line.rest.startswith(("{", "[")):
        return [from_json(line.rest, insists=line.insists)]
    name, rest = first(line.rest)
    is_type = name in client_events(desk.dialect, family(desk))
    if not is_type and not rest and (exists(name) or name.lower().endswith(_FILES)):
        return from_file(name, insists=line.insists)
    return [from_type(name, rest)]


def _events(desk: Desk, line: Line) -> None:
    desk.open_raw(" ".join(split(line.rest)))


def _inspect(desk: Desk, line: Line) -> None:
    word = line.rest.removeprefix("#")
    if word and not (word.isascii() and word.isdecimal() and len(word) < 10):
        raise UsageError(f"{one_line(word, limit=40)} is not the number of an event", hint="/inspect 12")
    desk.inspect(int(word) if word else None)


def _offers(typed: Typed) -> Iterator[Offer]:
    models = client_events("ga", _kind(typed.view))
    if not typed.count:
        yield from (Offer(name, _summaries().get(name, "")) for name in models)
        yield from file_offers(typed.word, *_FILES) if typed.word else ()
    elif typed.before[0] in models:
        yield from _fields(typed, typed.before[0])


def _fields(typed: Typed, name: str) -> Iterator[Offer]:
    """The fields of an event, or the values of the one that is being typed; first of all, all in one."""
    shapes = _shapes(name)
    path, equals, _ = typed.word.partition("=")
    if equals:
        yield from value_offers(shapes[path], before=f"{path}=") if path in shapes else ()
        return
    if typed.count == 1 and (whole := _example(name)):
        yield Offer(whole, "for example", is_raw=True, shown="{...}")
    given = {word.partition("=")[0] for word in typed.before[1:]}
    for field, shape in shapes.items():
        if field not in given:
            words = ("needed; " if shape.spec.required else "") + shape.spec.doc
            yield Offer(f"{field}=", words, goes_on=True, shown=field)


def _inside(text: str, view: SessionView) -> tuple[int, Iterable[Offer]] | None:
    """What may go on where the fields of an event are typed as JSON."""
    match = _WITH_JSON.match(text)
    if match is None or match[1] not in client_events("ga", _kind(view)):
        return None
    spot = spot_in(text[match.end() :])
    if spot is None:
        return len(text), ()
    return match.end() + spot.start, json_offers(spot, _shapes(match[1]))


def _kind(view: SessionView) -> Family:
    return "translation" if view.config.get("type") == "translation" else "realtime"


def _shapes(name: str) -> Paths:
    """The fields of an event, but for those that say which one it is."""
    model = client_events("ga", "realtime").get(name) or client_events("ga", "translation")[name]
    return {path: shape for path, shape in paths_of(model).items() if path not in ("type", "event_id")}


@cache
def _example(name: str) -> str:
    """The fields of a legal event as JSON, where they are short."""
    fields = as_object(example(name)) or {}
    text = dump({key: value for key, value in fields.items() if key not in ("type", "event_id")})
    return text if 2 < len(text) <= _LONGEST_EXAMPLE else ""


@cache
def _summaries() -> dict[str, str]:
    return {info.name: info.doc for info in reversed(event_types())}


def _patterns(typed: Typed) -> Iterator[Offer]:
    if typed.count:
        return
    names = [*client_events(), *server_events()]
    groups = dict.fromkeys(name.rpartition(".")[0] + ".*" for name in names if "." in name)
    yield from (Offer(group) for group in groups)
    yield from (Offer(name, _summaries().get(name, "")) for name in names)


GROUP = Group(
    "Events",
    (
        Command(
            "send",
            "TYPE [{...}|FIELD=VALUE]",
            "an event of yours; or /send FILE",
            _send,
            _offers,
            more=(
                "It is checked first. /send! sends what the checks refuse, as it is written.",
                "/send response.create response.instructions='in rhymes'",
                '/send response.create {"response": {"output_modalities": ["text"]}}',
                "/send events.jsonl",
            ),
            can_insist=True,
            inside=_inside,
        ),
        Command("events", "[PATTERN]", "the raw view, as with response.*", _events, _patterns),
        Command("inspect", "[N]", "one event closely; alone: the last", _inspect),
    ),
)
