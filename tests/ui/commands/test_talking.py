from __future__ import annotations

from dataclasses import replace

import pytest

from realtime_cli.core.effects import Connect, Disconnect
from realtime_cli.core.inputs import (
    AudioNotice,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    RenewRequested,
)
from realtime_cli.core.session import Session
from tests.support.builders import event
from tests.support.desks import MemoryDesk
from tests.support.playbook import listen
from tests.support.voice import voice_session


def spoken(**config: object) -> MemoryDesk:
    return MemoryDesk(voice_session(**config))


@pytest.mark.parametrize(
    ("line", "done"),
    [("/mute", "mute"), ("/ptt", "change_mode"), ("/interrupt", "interrupt"), ("/quit", "leave")],
)
def test_keys_have_commands(line: str, done: str) -> None:
    desk = spoken()
    desk.run(line)
    assert desk.done == [(done,)]


@pytest.mark.parametrize(
    ("line", "done"), [("/stop", "interrupt"), ("/exit", "leave"), ("/STOP", "interrupt")]
)
def test_commands_have_other_names(line: str, done: str) -> None:
    desk = spoken()
    desk.run(line)
    assert desk.done == [(done,)]


@pytest.mark.parametrize("line", ["/mute", "/ptt"])
def test_without_a_microphone_its_commands_say_so(line: str) -> None:
    desk = MemoryDesk()
    assert "there is no microphone" in desk.run(line)
    assert desk.done == []


@pytest.mark.parametrize("line", ["/mute", "/ptt", "/mode voice"])
def test_where_no_device_was_found_that_is_said(line: str) -> None:
    desk = MemoryDesk()
    assert "start it without --text" in " ".join(desk.run(line).split())
    desk.session.receive(
        AudioNotice("warning", "No microphone and no speaker: there is no sound device"), 1.0
    )
    assert "no device was found: realtime devices lists them" in " ".join(desk.run(line).split())


def test_interrupting_nothing_says_so() -> None:
    assert MemoryDesk().run("/interrupt") == "there is no answer to stop"


def test_interrupting_an_answer_says_nothing() -> None:
    assert MemoryDesk(changes={"is_busy": True}).run("/stop") == ""


def test_text_mode_asks_for_text_and_mutes() -> None:
    desk = spoken()
    assert desk.run("/mode text") == "answers as text (asked)"
    assert desk.sent == [
        {"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}}
    ]
    assert desk.done == [("mute",)]


def test_voice_mode_asks_for_speech_and_opens_the_microphone() -> None:
    desk = spoken()
    desk.changes["audio"] = replace(desk.view.audio, is_muted=True)
    desk.run("/mode voice")
    assert desk.sent[0]["session"]["output_modalities"] == ["audio"]
    assert desk.done == [("mute",)]


def test_a_mode_that_is_on_already_leaves_the_microphone_alone() -> None:
    desk = spoken()
    desk.run("/mode voice")
    assert desk.done == []


def test_voice_mode_needs_sound() -> None:
    desk = MemoryDesk()
    assert "neither microphone nor speaker" in desk.run("/mode voice")
    assert desk.sent == []


@pytest.mark.parametrize(
    "line", ["/mode", "/mode loud", "/mode text voice", "/mode 'text", "/voice marin cedar"]
)
def test_what_no_mode_and_no_voice_is_is_an_error(line: str) -> None:
    desk = spoken(output_modalities=["audio"])
    assert desk.run(line).startswith("error: ")
    assert desk.sent == []


def test_an_unknown_mode_tells_the_present_one() -> None:
    assert "answers come as audio now" in spoken(output_modalities=["audio"]).run("/mode")


def test_a_voice_is_asked_for() -> None:
    desk = MemoryDesk()
    desk.run("/voice marin")
    assert desk.sent == [
        {
            "type": "session.update",
            "session": {"type": "realtime", "audio": {"output": {"voice": "marin"}}},
        }
    ]


def test_a_voice_of_ones_own_goes_by_its_id() -> None:
    desk = MemoryDesk()
    desk.run("/voice voice_123")
    assert desk.sent[0]["session"]["audio"]["output"]["voice"] == {"id": "voice_123"}


def test_no_voice_tells_the_present_one() -> None:
    desk = spoken(audio={"output": {"voice": "cedar"}})
    assert desk.run("/voice").startswith("voice: cedar; known are alloy, ash,")
    assert desk.sent == []


def test_instructions_need_no_quotes() -> None:
    desk = MemoryDesk()
    desk.run('/instructions Don\'t be "long".\nBe kind.')
    assert desk.sent[0]["session"] == {
        "type": "realtime",
        "instructions": 'Don\'t be "long".\nBe kind.',
    }


def test_no_instructions_show_the_present_ones_safely() -> None:
    desk = MemoryDesk()
    told = event("session.updated", session={"type": "realtime", "instructions": "Be kind.\nNo \x1b[2J."})
    desk.session.receive(told, 1.0)
    assert desk.run("/instructions") == "Be kind.\nNo ␛[2J."


def test_where_there_are_no_instructions_that_is_said() -> None:
    assert "no instructions" in MemoryDesk().run("/instructions")


def test_in_beta_settings_are_sent_in_its_words() -> None:
    desk = MemoryDesk(dialect="beta")
    desk.run("/voice sage")
    assert desk.sent == [{"type": "session.update", "session": {"voice": "sage"}}]


def test_a_transcription_session_has_no_modes() -> None:
    desk = MemoryDesk()
    desk.session.receive(event("session.updated", session={"type": "transcription"}), 1.0)
    assert desk.run("/mode text").startswith("error: output_modalities: is not a field of the API")
    assert desk.sent == []


def test_nothing_is_sent_to_a_closed_connection() -> None:
    desk = MemoryDesk(Session())
    desk.session.receive(ConnectionLost(1006), 1.0)
    assert "the connection is closed" in desk.run("/voice marin")
    assert desk.posted == []


def test_a_new_session_is_asked_for_and_between_two_the_next_try() -> None:
    desk = MemoryDesk(Session(reconnects=True))
    listen(desk.session, ConnectionOpened(), event("session.created", session={"type": "realtime"}))
    assert desk.run("/reconnect") == ""
    assert (desk.posted, desk.effects) == ([RenewRequested()], [Disconnect()])
    listen(desk.session, ConnectionLost(1006))
    desk.run("/renew")
    assert desk.session.receive(DeadlineReached(), 1.0) == [Connect()]


def test_there_is_no_way_back_to_a_connection_that_is_closed() -> None:
    desk = MemoryDesk(changes={"connection": "closed"})
    assert "the connection is closed" in desk.run("/reconnect")
    assert desk.posted == []
