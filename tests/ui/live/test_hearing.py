"""How much of an answer's words counts as heard."""

from __future__ import annotations

import pytest

from realtime_cli.core.session import Session
from realtime_cli.core.view import ItemView
from realtime_cli.ui.live.hearing import share_heard


@pytest.mark.parametrize(
    ("truncated_ms", "share"), [(250.0, 0.25), (0.0, 0.0), (2000.0, 1.0), (2.0**62, 1.0), (-5.0, 0.0)]
)
def test_a_server_cannot_cut_beyond_what_it_sent(truncated_ms: float, share: float) -> None:
    item = ItemView("item_1", "message", audio_ms=1000.0, has_audio=True, truncated_ms=truncated_ms)
    assert share_heard(Session().view(), item) == share
