"""What a session is given at its beginning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime_cli.protocol.encoding import PCM_24K
from realtime_cli.protocol.jsontypes import as_object

from .session import Session
from .terms import Terms, terms_from_json, terms_to_json

_SWITCHES = ("has_tools", "reconnects")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """The arguments of a `Session`; a log's header keeps them, so that a replay begins as the session did."""

    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    pcm_input_rate_hz: int | None = None
    terms: Terms | None = None
    has_tools: bool = False
    reconnects: bool = False

    def session(self) -> Session:
        """A session that begins so."""
        return Session(
            self.config,
            pcm_input_rate_hz=self.pcm_input_rate_hz,
            terms=self.terms,
            has_tools=self.has_tools,
            reconnects=self.reconnects,
        )

    def to_json(self) -> dict[str, Any]:
        """What of it is not as usual."""
        told: dict[str, Any] = {"session": dict(self.config)} if self.config else {}
        if self.terms is not None:
            told["terms"] = terms_to_json(self.terms)
        if self.pcm_input_rate_hz not in (None, PCM_24K.rate_hz):
            told["pcm_input_rate_hz"] = self.pcm_input_rate_hz
        return told | {name: True for name in _SWITCHES if getattr(self, name)}


def beginning_from_json(told: Mapping[str, object]) -> Beginning:
    """The beginning that a log's header tells of; what cannot be read of it is as usual."""
    rate_hz = told.get("pcm_input_rate_hz")
    return Beginning(
        config=as_object(told.get("session")) or {},
        pcm_input_rate_hz=rate_hz if isinstance(rate_hz, int) else None,
        terms=terms_from_json(told.get("terms")),
        has_tools=told.get("has_tools") is True,
        reconnects=told.get("reconnects") is True,
    )
