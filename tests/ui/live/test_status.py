from __future__ import annotations

import io
from dataclasses import replace

import pytest

from realtime_cli.core.session import Session
from realtime_cli.core.view import AudioView, Marks, ResponseView, SessionView
from realtime_cli.runtime.ports import Levels
from realtime_cli.ui.live.status import Meters, Status, status_line
from realtime_cli.ui.theme import make_console

DEVICES = AudioView(microphone="Built-in", speaker="Built-in", is_listening=True)
TEXT = replace(Session().view(), connection="open", config={"model": "gpt-realtime"})
VOICE = replace(TEXT, audio=DEVICES)


def line(view: SessionView, *, width: int = 120, encoding: str = "utf-8", **status: object) -> str:
    meters = Meters()
    meters.add(Levels(microphone_dbfs=-20, speaker_dbfs=-60))
    console = make_console(io.TextIOWrapper(io.BytesIO(), encoding=encoding), width=width)
    shown = status_line(console, view, Status(server="openai", meters=meters, **status), width=width)  # type: ignore[arg-type]
    return shown.plain


def test_it_says_everything_where_there_is_room() -> None:
    assert line(VOICE) == (
        "openai gpt-realtime · open microphone · listening  mic ▁▁▁▁▁▆ spk ▁▁▁▁▁▁  ^T mutes  ^O push-to-talk"
    )


def test_it_folds() -> None:
    assert line(VOICE, width=80) == (
        "openai gpt-realtime · open microphone · listening  mic ▁▁▁▁▁▆ spk ▁▁▁▁▁▁"
    )
    assert line(VOICE, width=60) == "gpt-realtime · mic open · listening  mic ▁▁▁▁▁▆ spk ▁▁▁▁▁▁"
    assert line(VOICE, width=40) == "open microphone · listening  ▁▆ ▁▁"
    assert line(VOICE, width=30) == "mic open · listening  ▁▆ ▁▁"
    assert line(VOICE, width=12) == "listening"


@pytest.mark.parametrize("width", range(1, 130))
def test_it_never_reaches_the_edge(width: int) -> None:
    talking = replace(VOICE, audio=replace(DEVICES, is_push_to_talk=True, is_talking=True))
    for view in (TEXT, VOICE, talking):
        shown = line(view, width=width)
        assert len(shown) < max(2, width)
        assert shown or width < 3


def test_text_alone_has_no_levels() -> None:
    assert line(TEXT) == "openai gpt-realtime · text · ready"


@pytest.mark.parametrize(
    ("audio", "words"),
    [
        (replace(DEVICES, is_muted=True), "muted · listening"),
        (replace(DEVICES, is_push_to_talk=True), "push-to-talk · ready"),
        (replace(DEVICES, is_push_to_talk=True, is_talking=True), "push-to-talk (talking) · user speaking"),
        (replace(DEVICES, is_playing=True), "open microphone · speaking"),
        (AudioView(speaker="Built-in", is_playing=True), "text · speaking"),
    ],
)
def test_mode_and_state(audio: AudioView, words: str) -> None:
    assert f" · {words}  " in line(replace(TEXT, audio=audio))


def test_the_state_of_an_answer() -> None:
    assert "· user speaking  " in line(replace(VOICE, user_speaking=True))
    assert "· thinking  " in line(replace(VOICE, is_busy=True))
    response = ResponseView("resp_1", "in_progress", marks=Marks(first_text=1.0))
    assert "· writing" in line(replace(TEXT, is_busy=True, responses=(response,)))
    assert "· connecting" in line(replace(TEXT, connection="connecting"))
    assert "· closed" in line(replace(TEXT, connection="closed"))


def test_the_keys_that_matter_now() -> None:
    push_to_talk = replace(VOICE, audio=replace(DEVICES, is_push_to_talk=True))
    assert line(push_to_talk, width=150).endswith("space talks  ^T mutes  ^O open microphone")
    held = line(push_to_talk, width=150, holds_to_talk=True)
    assert held.endswith("hold space to talk  ^T mutes  ^O open microphone")
    assert line(replace(VOICE, audio=replace(DEVICES, is_muted=True))).endswith("^T unmutes  ^O push-to-talk")


def test_a_note_stands_alone() -> None:
    assert line(VOICE, note="Ctrl-C again leaves") == "Ctrl-C again leaves"


def test_an_ascii_terminal_gets_ascii() -> None:
    assert line(VOICE, encoding="ascii").startswith(
        "openai gpt-realtime - open microphone - listening  mic .....+"
    )


def test_hostile_names_stay_words() -> None:
    assert line(replace(TEXT, config={"model": "\x1b[2J\nx"})) == "openai ␛[2J x · text · ready"


def test_a_meter_knows_whether_its_picture_changes() -> None:
    meters = Meters()
    assert not meters.add(Levels())
    assert meters.add(Levels(microphone_dbfs=-10))
    assert [meters.add(Levels()) for _ in range(7)] == [True] * 6 + [False]
