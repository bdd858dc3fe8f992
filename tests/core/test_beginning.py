from __future__ import annotations

import json

import pytest

from realtime_cli.core.beginning import Beginning, beginning_from_json
from realtime_cli.core.terms import Terms

FULL = Beginning(
    config={"instructions": "x"},
    pcm_input_rate_hz=16_000,
    terms=Terms(max_usd=1.0),
    has_tools=True,
    reconnects=True,
)


@pytest.mark.parametrize("beginning", [Beginning(terms=Terms()), FULL])
def test_a_header_keeps_it(beginning: Beginning) -> None:
    assert beginning_from_json(json.loads(json.dumps(beginning.to_json()))) == beginning


def test_what_is_as_usual_needs_no_words() -> None:
    assert Beginning(pcm_input_rate_hz=24_000).to_json() == {}


def test_what_cannot_be_read_is_as_usual() -> None:
    odd = {"session": 1, "pcm_input_rate_hz": "x", "terms": [], "has_tools": "yes", "reconnects": 1}
    assert beginning_from_json(odd) == Beginning(terms=Terms())


def test_a_session_begins_so() -> None:
    view = FULL.session().view()
    assert view.audio.input_encoding.rate_hz == 16_000
