"""Settings that make no sense are refused before anything listens."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_cli.errors import UsageError
from realtime_cli.server.config import ServerConfig, is_loopback
from tests.support.obedient_brain import ObedientBrain


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "example.org"])
def test_other_machines_need_a_token(host: str) -> None:
    with pytest.raises(UsageError, match="without a token"):
        ServerConfig(brain=ObedientBrain, host=host)
    ServerConfig(brain=ObedientBrain, host=host, token="secret")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_needs_none(host: str) -> None:
    assert is_loopback(host)
    ServerConfig(brain=ObedientBrain, host=host)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"port": -1}, "no port -1"),
        ({"port": 65536}, "no port 65536"),
        ({"token": ""}, "token is empty"),
        ({"pace_words_per_s": 0}, "never ends"),
        ({"pace_words_per_s": float("nan")}, "never ends"),
        ({"audio_pace": 0}, "0 times real time never ends"),
        ({"audio_pace": float("nan")}, "never ends"),
        ({"audio_delta_ms": 5}, "deltas of 5 ms"),
        ({"audio_delta_ms": float("nan")}, "deltas of nan ms"),
    ],
)
def test_nonsense_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ServerConfig(brain=ObedientBrain, **settings)


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(ServerConfig(brain=ObedientBrain, token="secret"))
