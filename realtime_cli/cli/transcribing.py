"""Sessions that only write down what they hear: nobody answers in them."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from dataclasses import replace
from typing import TextIO
from urllib.parse import parse_qsl, urlsplit

from realtime_cli.core.view import ItemView, SessionView
from realtime_cli.errors import UsageError
from realtime_cli.providers import Endpoint
from realtime_cli.runtime.ports import Screen
from realtime_cli.settings import Settings
from realtime_cli.visible import escaped, visible

from .contradictions import is_flag

TRANSCRIPTION = "transcription"
_OF_ANSWERS = ("instructions", "voice", "speed", "output_device")


def transcribes(settings: Settings, endpoint: Endpoint) -> bool:
    """Whether the user's own session, else the address, asks for transcripts only."""
    kind = settings.session.get("type")
    return (_intent(endpoint.url) if kind is None else kind) == TRANSCRIPTION


def transcribing(endpoint: Endpoint, settings: Settings) -> Endpoint:
    """The same endpoint for a transcription session: the address says so, in the place of the usual model."""
    if _intent(endpoint.url):
        return endpoint
    is_usual = endpoint.provider == "openai" and settings.url is None and not is_flag(settings, "model")
    left_out = {"model"} if is_usual else set[str]()
    url, shown_url = (_with_intent(url, left_out) for url in (endpoint.url, endpoint.shown_url))
    return replace(endpoint, url=url, shown_url=shown_url)


def _intent(url: str) -> str:
    return dict(parse_qsl(urlsplit(url).query)).get("intent", "")


def _with_intent(url: str, left_out: Container[str]) -> str:
    if not url:
        return url
    parts = urlsplit(url)
    query = [each for each in parts.query.split("&") if each and each.partition("=")[0] not in left_out]
    return parts._replace(query="&".join([*query, f"intent={TRANSCRIPTION}"])).geturl()


def refuse_answers(settings: Settings, **others: object) -> None:
    """Raises `UsageError` for a flag that is about answers; `others` are those that are no settings."""
    given = [settings.origin(name) for name in _OF_ANSWERS if is_flag(settings, name)]
    given += [f"--{name.replace('_', '-')}" for name, value in others.items() if value]
    if given:
        raise UsageError(
            f"{given[0]} is for answers, and in a transcription session there are none", hint="leave it out"
        )


class TranscriptScreen:
    """Prints each transcript once it is complete, a line or a JSON object each; all else is `beside` it."""

    def __init__(self, stream: TextIO, beside: Screen, *, as_json: bool) -> None:
        self._stream = stream
        self._beside = beside
        self._as_json = as_json
        self._shown: set[str] = set()

    def update(self, view: SessionView) -> None:
        """Prints what is complete and new."""
        self._beside.update(view)
        self._show(item for item in view.items if not item.awaits_transcript)
        self._stream.flush()

    def close(self, view: SessionView) -> None:
        """Prints the rest, as far as it came."""
        self._beside.close(view)
        self._show(view.items)
        self._stream.flush()

    def _show(self, items: Iterable[ItemView]) -> None:
        for item in items:
            if item.role == "user" and item.text.strip() and item.id not in self._shown:
                self._shown.add(item.id)
                self._stream.write(self._line(item) + "\n")

    def _line(self, item: ItemView) -> str:
        if not self._as_json:
            return " ".join(visible(item.text).split())
        is_narrow = "utf" not in (self._stream.encoding or "").lower()
        told = {"type": "transcript", "item_id": item.id, "text": item.text}
        return escaped(json.dumps(told, ensure_ascii=is_narrow))
