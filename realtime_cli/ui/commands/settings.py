"""`/set`: one setting of the session, by its path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from rich.text import Text

from realtime_cli.errors import UsageError
from realtime_cli.protocol.base import Model
from realtime_cli.protocol.jsontypes import Json, at, dump, is_object
from realtime_cli.protocol.session import RealtimeSession, TranscriptionSession, TranslationSession
from realtime_cli.protocol.shapes import Shape, fields_of
from realtime_cli.visible import escaped, one_line

from .command import Command, Group, Offer, Typed
from .desk import Desk
from .fields import Paths, paths_of, settable, steps_of, value_of, value_offers
from .layout import column_of, definitions, tell
from .sending import change
from .words import Line, first

_MODELS: Mapping[str, type[Model]] = {
    "realtime": RealtimeSession,
    "transcription": TranscriptionSession,
    "translation": TranslationSession,
}
_TURN_DETECTION = ("audio", "input", "turn_detection")
_LONGEST_VALUE, _LONGEST_ECHO = 200, 60
# Paths are long; on a narrow screen values stand below them.
_SHARE_OF_PATHS, _NARROW_SHARE, _NARROW = 0.6, 0.2, 60


def _set(desk: Desk, line: Line) -> None:
    if not line.rest:
        _show_all(desk)
        return
    path, value = first(line.rest)
    path = path.removeprefix("session.")
    if not value:
        _show(desk, path)
        return
    update = update_of(desk.view.config, path, value)
    if desk.view.audio.is_push_to_talk and at(update, *_TURN_DETECTION) is not None:
        raise UsageError(
            "the key finds the turns in push-to-talk", hint="/ptt opens the microphone: then set it"
        )
    change(desk, update)
    tell(desk, f"{path}: {one_line(value, limit=_LONGEST_ECHO)} (asked)")


def update_of(config: Mapping[str, Any], path: str, text: str) -> Json:
    """The `session` that changes one setting: nothing but its path, and the `type` of what it stands in.

    Raises `UsageError` for what is not a path.
    """
    names = [name for name in steps_of(path) if isinstance(name, str)]
    if len(names) != len(steps_of(path)) or not names:
        raise UsageError(f"{path}: entries of a list cannot be set alone", hint="set the whole list")
    *above, last = names
    shapes = _paths(config)
    session: Json = {}
    place, current = session, at(config)
    for depth, name in enumerate(above):
        current = at(current, name)
        place[name] = _typed(shapes.get(".".join(names[: depth + 1])), current, names[depth + 1])
        place = place[name]
    place[last] = value_of(text, shapes.get(path))
    return session


def _typed(shape: Shape | None, current: object, wanted: str) -> Json:
    """The object in which a field is set, with its `type` where objects are told apart by it."""
    now = at(current, "type")
    if wanted == "type":
        return {}
    if isinstance(now, str):
        return {"type": now}
    tagged = (shape or Shape()).tagged
    kind = next((tag for tag, model in tagged.items() if wanted in fields_of(model)), None)
    return {"type": kind} if kind else {}


def _show_all(desk: Desk) -> None:
    if desk.view.config:
        _show_rows(desk, settable(dict(desk.view.config)))
    else:
        tell(desk, "the server has not told its settings")


def _show(desk: Desk, path: str) -> None:
    names = [str(step) for step in steps_of(path)]
    if not _is_there(desk.view.config, names):
        words = "is not set" if path in _paths(desk.view.config) else "is no setting that the API knows"
        raise UsageError(f"{path} {words}", hint=f"/set {path} VALUE sets it")
    value = at(desk.view.config, *names)
    _show_rows(desk, settable({path: value}))


def _show_rows(desk: Desk, values: Iterable[tuple[str, object]]) -> None:
    rows = [_row(path, value) for path, value in values]
    share = _SHARE_OF_PATHS if desk.width >= _NARROW else _NARROW_SHARE
    column = column_of((path for path, _ in rows), width=desk.width, share=share)
    desk.show(*definitions(desk.console, rows, width=desk.width, column=column))


def _is_there(config: Mapping[str, Any], names: list[str]) -> bool:
    holder = at(config, *names[:-1])
    return is_object(holder) and names[-1] in holder


def _row(path: str, value: object) -> tuple[Text, Text]:
    words = value if isinstance(value, str) and value else escaped(dump(value))
    return Text(one_line(path), "key"), Text(one_line(words, limit=_LONGEST_VALUE))


def _offers(typed: Typed) -> Iterator[Offer]:
    shapes = _paths(typed.view.config)
    if not typed.count:
        for path, shape in sorted(shapes.items(), key=_is_whole):
            yield Offer(path, _now(typed.view.config, path) or shape.spec.doc)
    elif typed.count == 1 and typed.before[0] in shapes:
        yield from value_offers(shapes[typed.before[0]])


def _is_whole(named: tuple[str, Shape]) -> bool:
    """Whether this is an object: its fields are wanted more often."""
    return bool(named[1].models)


def _now(config: Mapping[str, Any], path: str) -> str:
    """The value that a setting has, where it has one and that is short."""
    value = at(config, *path.split("."))
    return "" if value is None or is_object(value) else one_line(f"now {escaped(dump(value))}", limit=60)


def _paths(config: Mapping[str, Any]) -> Paths:
    return _paths_of(str(config.get("type") or "realtime"))


@cache
def _paths_of(kind: str) -> Paths:
    paths = paths_of(_MODELS.get(kind, RealtimeSession))
    return {path: shape for path, shape in paths.items() if "[" not in path and path != "type"}


GROUP = Group(
    "Settings",
    (
        Command(
            "set",
            "PATH VALUE",
            "a setting; alone: all of them",
            _set,
            _offers,
            more=(
                "VALUE is JSON, else text; null takes a setting away. PATH alone shows it.",
                "/set audio.input.turn_detection.threshold 0.6",
                "/set audio.input.turn_detection null",
            ),
        ),
    ),
)
