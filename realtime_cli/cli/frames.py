"""Prints what goes over the wire: as trees to people, as it came to programs."""

from __future__ import annotations

import json
from base64 import b64encode

from realtime_cli.core.view import Cause, SessionView
from realtime_cli.protocol.jsontypes import as_object
from realtime_cli.runtime.ports import Direction
from realtime_cli.ui.events import event_tree
from realtime_cli.ui.plain import print_notice

from .environment import Environment


class FramePrinter:
    """The server's frames, byte for byte, one a line; what went wrong is said in words on stderr."""

    def __init__(self, env: Environment) -> None:
        self._frames = env.stdout.buffer
        self._words = env.err()
        self._notices_shown = 0

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Prints a frame from the server."""
        _ = now_s
        if direction == "in":
            self._frames.write(one_line_json(raw, is_object=is_object) + b"\n")
            self._frames.flush()

    def update(self, view: SessionView) -> None:
        """Says what went wrong, and which event caused it."""
        for notice in view.notices[self._notices_shown :]:
            if notice.level != "info":
                print_notice(self._words, notice)
        self._notices_shown = len(view.notices)

    def close(self, view: SessionView) -> None:
        """Says the rest."""
        self.update(view)


class TreePrinter:
    """The frames of both sides as trees; an error waits until the session has found its cause."""

    def __init__(self, env: Environment) -> None:
        self._console = env.out()
        self._held: tuple[str | bytes, float] | None = None
        self._notices_shown = 0

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Prints a frame."""
        if direction == "in" and is_object and type_of(raw) == "error":
            self._held = (raw, now_s)
        elif direction != "local":
            self._print(raw, direction=direction, at_s=now_s)

    def update(self, view: SessionView) -> None:
        """Prints the error beside its cause, and whatever else there is to say."""
        for notice in view.notices[self._notices_shown :]:
            if self._held is not None and notice.at_s == self._held[1]:
                self._print_held(notice.cause)
            elif notice.level != "info":
                print_notice(self._console, notice)
        self._notices_shown = len(view.notices)
        self._print_held(None)

    def close(self, view: SessionView) -> None:
        """Prints the rest."""
        self.update(view)

    def _print_held(self, cause: Cause | None) -> None:
        if self._held is not None:
            (raw, at_s), self._held = self._held, None
            self._print(raw, direction="in", at_s=at_s, cause=cause)

    def _print(
        self, raw: str | bytes, *, direction: Direction, at_s: float, cause: Cause | None = None
    ) -> None:
        self._console.print(event_tree(self._console, raw, direction=direction, at_s=at_s, cause=cause))


def type_of(raw: str | bytes) -> str:
    """The frame's `type`; empty where it has none."""
    try:
        return str((as_object(json.loads(raw)) or {}).get("type", ""))
    except (ValueError, RecursionError):
        return ""


def one_line_json(raw: str | bytes, *, is_object: bool) -> bytes:
    """The frame as one line of JSON: byte for byte where it is that already."""
    if isinstance(raw, bytes):
        return json.dumps({"base64": b64encode(raw).decode()}).encode()
    if not is_object:
        return json.dumps({"text": raw}).encode()
    # Valid JSON has bare line breaks between its tokens only, so that spaces serve as well.
    return raw.replace("\r", " ").replace("\n", " ").encode("utf-8", "backslashreplace")
