"""Gives the session events to send, checked as far as the protocol knows."""

from __future__ import annotations

import re

from realtime_cli.core.inputs import UserEvent, UserItem
from realtime_cli.errors import BadInput, UsageError
from realtime_cli.protocol.dialects import to_beta
from realtime_cli.protocol.findings import Finding
from realtime_cli.protocol.jsontypes import Json, dump
from realtime_cli.protocol.lint import lint
from realtime_cli.protocol.vocabulary import Family

from .desk import Desk
from .layout import tell

_MOST_FAULTS = 3
_SESSION = re.compile(r"\bsession\.(?=\w)")


def send(desk: Desk, event: Json) -> None:
    """Sends an event that is written in GA's words, in the server's. Raises `BadInput` where it is wrong."""
    require_connection(desk)
    _refuse(desk, lint(event, family=family(desk)))
    post(desk, event)


def post(desk: Desk, event: Json) -> None:
    """Sends an event that is written in GA's words, without looking."""
    translated = to_beta(event) if desk.dialect == "beta" else event
    desk.post(UserEvent(dump(translated or event)))


def change(desk: Desk, session: Json) -> None:
    """Asks for other settings. Raises `BadInput` with the path below `session` where one is wrong."""
    event = {"type": "session.update", "session": {"type": kind(desk), **session}}
    require_connection(desk)
    _refuse(desk, lint(event, family=family(desk)), within_session=True)
    post(desk, event)


def say(desk: Desk, *content: Json) -> None:
    """Makes a turn of the user's of these parts."""
    require_connection(desk)
    desk.post(UserItem(dump({"type": "message", "role": "user", "content": list(content)})))


def check(desk: Desk, event: object) -> None:
    """Raises `BadInput` with the faults of an event that is written in the server's own words."""
    _refuse(desk, lint(event, dialect=desk.dialect, family=family(desk)))


def kind(desk: Desk) -> str:
    """The session's `type`."""
    return str(desk.view.config.get("type") or "realtime")


def family(desk: Desk) -> Family:
    """Which events the server knows."""
    return "translation" if kind(desk) == "translation" else "realtime"


def require_connection(desk: Desk) -> None:
    """Raises `UsageError` where nobody would get what is sent."""
    if desk.view.connection == "closed":
        raise UsageError("the connection is closed", hint="/quit leaves")


def _refuse(desk: Desk, findings: list[Finding], *, within_session: bool = False) -> None:
    wrong = [_words(each, within_session) for each in findings if each.severity == "error"]
    if wrong:
        more = f" (and {len(wrong) - _MOST_FAULTS} more)" if len(wrong) > _MOST_FAULTS else ""
        raise BadInput("; ".join(wrong[:_MOST_FAULTS]) + more)
    for each in findings:
        tell(desk, f"warning: {_words(each, within_session)}", "warning")


def _words(finding: Finding, within_session: bool) -> str:
    """The fault; `within_session` its paths are as one types them."""
    words = str(finding) + (f" ({finding.hint})" if finding.hint else "")
    return _SESSION.sub("", words) if within_session else words
