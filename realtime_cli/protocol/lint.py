"""Checks outgoing events before the server does: where the fault is, what it is, what to write instead.

Every rule is read off the models and their `Spec`s; only what no single field can know is written here.
Rules of single models of the provider stay out, since they change from month to month.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import chain, islice

from . import beta, items
from .advice import adviser
from .base import Model
from .checks import Check
from .dialects import Dialect
from .findings import Code, Finding, Severity
from .jsontypes import Json, at, is_array, is_object, kind_of, with_article
from .shapes import Shape, fields_of
from .vocabulary import Family, client_events, server_events
from .wording import choices, nearest, shown

__all__ = ["Code", "Finding", "Severity", "lint", "lint_events"]


def lint(event: object, *, dialect: Dialect = "ga", family: Family = "realtime") -> list[Finding]:
    """The faults of an event that a client is about to send: parsed JSON, or one of our models.

    The first hundred are enough; a peer that sends a million must not keep a server busy.
    """
    value = event.to_wire() if isinstance(event, Model) else event
    if not is_object(value):
        reason = f"an event must be a JSON object, not {with_article(kind_of(value))}"
        return [Finding("", reason, 'write {"type": "response.create"} or the like', "invalid_event")]
    if not isinstance(value.get("type"), str):
        hint = 'add "type", for example "response.create"'
        return [Finding("type", "must be the event's name, a string", hint, "invalid_event")]
    model = client_events(dialect, family).get(value["type"])
    if model is None:
        return [_unknown_type(value["type"], dialect, family)]
    fields = Check(adviser(model, dialect)).model("", value, model)
    return list(islice(chain(fields, _content(value, dialect), _references(value)), _MOST_FINDINGS))


def lint_events(events: Iterable[object]) -> list[tuple[int, Finding]]:
    """Faults in the order of events, with the index of the event: a commit of a buffer that must be empty."""
    found: list[tuple[int, Finding]] = []
    appended = False
    for index, event in enumerate(events):
        name = event.get("type") if is_object(event) else None
        if name == "input_audio_buffer.commit" and not appended:
            found.append((index, _EMPTY_COMMIT))
        if name in _BUFFER_EVENTS:
            appended = name == "input_audio_buffer.append"
    return found


_MOST_FINDINGS = 100
_BUFFER_EVENTS = ("input_audio_buffer.append", "input_audio_buffer.commit", "input_audio_buffer.clear")
_EMPTY_COMMIT = Finding(
    "",
    "commits an input buffer that nothing was added to",
    "send input_audio_buffer.append before it, 100 ms of audio or more",
    "input_audio_buffer_commit_empty",
)


def _unknown_type(name: str, dialect: Dialect, family: Family) -> Finding:
    legal = client_events(dialect, family)
    meant = nearest(name, legal)
    hint = f'write "{meant}"' if meant else f"write {choices(legal)}"
    if name == "transcription_session.update":
        hint = 'write "session.update", with session.type = "transcription"'
    return Finding("type", f"is {shown(name)}, {_why_not(name, family)}", hint, "invalid_value")


def _why_not(name: str, family: Family) -> str:
    if name in server_events("beta") or name in server_events("ga", "translation"):
        return "which only servers send"
    if family == "realtime" and name in client_events("ga", "translation"):
        return "which belongs to translation sessions"
    if family == "translation" and name in client_events("ga"):
        return "which translation sessions do not know"
    return "which is beta" if name in client_events("beta") else "which is not an event of the API"


def _content(event: Json, dialect: Dialect) -> Iterator[Finding]:
    """Content that does not suit the role of its message."""
    by_role = items.CONTENT_BY_ROLE if dialect == "ga" else beta.CONTENT_BY_ROLE
    for path, item in _items(event):
        legal = by_role.get(str(item.get("role")))
        for index, part in enumerate(_array(item.get("content"))):
            name = str(at(part, "type"))
            if legal and name in _content_types() and name not in legal:
                reason = f"is {shown(name)}, which does not suit a message of the {item['role']}"
                hint = f"write {choices(_alike(name, legal))}"
                yield Finding(f"{path}.content[{index}].type", reason, hint, "invalid_value")


def _alike(name: str, legal: tuple[str, ...]) -> tuple[str, ...]:
    """The legal types of the same medium (`text` and `input_text`), else all of them."""
    medium = name.rpartition("_")[2]
    return tuple(other for other in legal if other.endswith(medium)) or legal


@cache
def _content_types() -> Collection[str]:
    content = fields_of(items.Message)["content"].items or Shape()
    return content.tagged


def _references(event: Json) -> Iterator[Finding]:
    if at(event, "item", "type") == "item_reference":
        hint = "put references into response.input of response.create"
        yield Finding("item.type", 'is "item_reference", which is no item of its own', hint, "invalid_value")


def _items(event: Json) -> Iterator[tuple[str, Json]]:
    candidates = [("item", event.get("item"))]
    inputs = _array(at(event, "response", "input"))
    candidates += [(f"response.input[{index}]", value) for index, value in enumerate(inputs)]
    yield from ((path, value) for path, value in candidates if is_object(value))


def _array(value: object) -> list[object]:
    return value if is_array(value) else []
