from __future__ import annotations

import pytest

from realtime_cli.core.inputs import AudioReady, ListeningMode
from tests.support.builders import event
from tests.support.desks import MemoryDesk

SEMANTIC = {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}}}
MANUAL = {"input": {"turn_detection": None}}
SERVER = {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.5}}}


def configured(**config: object) -> MemoryDesk:
    desk = MemoryDesk()
    desk.session.receive(event("session.updated", session={"type": "realtime", **config}), 1.0)
    return desk


def talking_by_key() -> MemoryDesk:
    desk = configured(audio=SERVER)
    for happened in (AudioReady("mic", "speaker"), ListeningMode(push_to_talk=True)):
        desk.session.receive(happened, 1.0)
    desk.session.receive(event("session.updated", session={"type": "realtime", "audio": MANUAL}), 1.0)
    return desk


def asked(desk: MemoryDesk) -> dict[str, object]:
    [sent] = desk.sent
    assert sent["type"] == "session.update"
    session: dict[str, object] = sent["session"]
    assert session.pop("type") == "realtime"
    return session


def test_one_setting_is_sent_with_the_type_of_what_holds_it() -> None:
    desk = configured(audio=SERVER)
    assert desk.run("/set audio.input.turn_detection.threshold 0.6") == (
        "audio.input.turn_detection.threshold: 0.6 (asked)"
    )
    assert asked(desk) == {"audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.6}}}}


def test_where_the_server_told_no_type_the_setting_tells_it() -> None:
    desk = configured()
    desk.run("/set audio.input.turn_detection.eagerness high")
    assert asked(desk) == {
        "audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}}}
    }


def test_a_type_itself_can_be_set() -> None:
    desk = configured(audio=SERVER)
    desk.run("/set audio.input.turn_detection.type semantic_vad")
    assert asked(desk) == {"audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}}


def test_a_setting_of_another_type_is_an_error_with_its_path() -> None:
    desk = configured(audio=SEMANTIC)
    shown = desk.run("/set audio.input.turn_detection.threshold 0.6").replace("\n", " ")
    assert shown.startswith("error: audio.input.turn_detection.threshold: is not a field of the API")
    assert "change the type" in shown
    assert desk.sent == []


def test_null_takes_a_setting_away() -> None:
    desk = configured(audio=SERVER)
    desk.run("/set audio.input.turn_detection null")
    assert asked(desk) == {"audio": {"input": {"turn_detection": None}}}


@pytest.mark.parametrize(
    "setting",
    [
        "audio.input.turn_detection.threshold 0.6",
        "audio.input.turn_detection.type semantic_vad",
        'audio.input.turn_detection {"type": "server_vad"}',
        'audio.input {"turn_detection": {"type": "server_vad"}}',
    ],
)
def test_while_the_key_finds_the_turns_the_server_is_not_told_to_find_them_too(setting: str) -> None:
    desk = talking_by_key()
    shown = desk.run(f"/set {setting}").replace("\n", " ")
    assert shown.startswith("error: the key finds the turns in push-to-talk")
    assert "/ptt" in shown
    assert desk.sent == []


@pytest.mark.parametrize(
    "setting", ["audio.input.turn_detection null", 'audio.input.noise_reduction {"type": "near_field"}']
)
def test_other_settings_of_the_microphone_are_free_in_push_to_talk(setting: str) -> None:
    desk = talking_by_key()
    desk.run(f"/set {setting}")
    assert len(desk.sent) == 1


def test_the_turn_detection_is_free_again_with_the_open_microphone() -> None:
    desk = talking_by_key()
    desk.session.receive(ListeningMode(), 1.0)
    desk.run("/set audio.input.turn_detection.threshold 0.6")
    assert len(desk.sent) == 1


def test_a_whole_object_can_be_set() -> None:
    desk = configured()
    desk.run('/set audio.input.noise_reduction {"type": "near_field"}')
    assert asked(desk) == {"audio": {"input": {"noise_reduction": {"type": "near_field"}}}}


def test_text_needs_no_quotes() -> None:
    desk = configured()
    desk.run('/set instructions It\'s "fine".')
    assert asked(desk) == {"instructions": 'It\'s "fine".'}


def test_text_that_looks_like_a_number_stays_text() -> None:
    desk = configured()
    desk.run("/set instructions 42")
    assert asked(desk) == {"instructions": "42"}


@pytest.mark.parametrize(("words", "value"), [("inf", "inf"), ("512", 512), ('"inf"', "inf")])
def test_a_setting_that_takes_both_gets_what_was_meant(words: str, value: object) -> None:
    desk = configured()
    desk.run(f"/set max_output_tokens {words}")
    assert asked(desk) == {"max_output_tokens": value}


def test_session_may_stand_before_the_path() -> None:
    desk = configured()
    desk.run("/set session.audio.output.speed 1.2")
    assert asked(desk) == {"audio": {"output": {"speed": 1.2}}}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/set audio.output.speed 7", "audio.output.speed: is 7, more than 1.5 (write 0.25 to 1.5)"),
        ("/set audio.output.speed fast", 'audio.output.speed: must be a number, not a string ("fast")'),
        ("/set audoi.output.speed 1", "audoi: is not a field of the API (write audio)"),
        ("/set turn_detection null", "that was beta; write audio.input.turn_detection = null"),
        ("/set id sess_2", "id: is for the server to set"),
        ("/set audio..speed 1", "audio..speed is not a path"),
        ("/set tools[0].name x", "entries of a list cannot be set alone"),
        ("/set 'a b", "a quote is open"),
    ],
)
def test_a_mistake_is_named_at_its_place(line: str, words: str) -> None:
    desk = configured()
    shown = desk.run(line).replace("\n", " ")
    assert shown.startswith("error: ")
    assert words in shown
    assert desk.posted == []


def test_alone_it_shows_all_settings() -> None:
    desk = configured(model="gpt-realtime", instructions="Be\x1b kind.", audio=SERVER, tools=[])
    assert [line.split(maxsplit=1) for line in desk.run("/set").splitlines()] == [
        ["type", "realtime"],
        ["model", "gpt-realtime"],
        ["instructions", "Be␛ kind."],
        ["audio.input.turn_detection.type", "server_vad"],
        ["audio.input.turn_detection.threshold", "0.5"],
        ["tools", "[]"],
    ]


def test_a_path_alone_shows_what_is_set_there() -> None:
    desk = configured(audio=SERVER)
    assert [line.split() for line in desk.run("/set audio.input").splitlines()] == [
        ["audio.input.turn_detection.type", "server_vad"],
        ["audio.input.turn_detection.threshold", "0.5"],
    ]
    assert desk.posted == []


def test_a_setting_that_is_not_set_says_so() -> None:
    assert "audio.output.speed is not set" in configured().run("/set audio.output.speed")


def test_before_the_server_has_told_anything_that_is_said() -> None:
    desk = MemoryDesk(changes={"config": {}})
    assert "has not told" in desk.run("/set")


def test_in_beta_a_setting_is_sent_in_its_words() -> None:
    desk = configured(audio=SERVER)
    desk.dialect = "beta"
    desk.run("/set audio.input.turn_detection.threshold 0.6")
    assert desk.sent == [
        {
            "type": "session.update",
            "session": {"turn_detection": {"type": "server_vad", "threshold": 0.6}},
        }
    ]
