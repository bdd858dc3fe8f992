from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from realtime_cli.core.session import Session
from realtime_cli.core.view import CallView, ItemView, SessionView
from realtime_cli.ui.commands import Suggestion, complete

ITEMS = (
    ItemView("msg_user_1", "message", "user", text="What is\x1b this?"),
    ItemView(
        "item_2", "message", "assistant", text="A cat.", has_audio=True, audio_ms=1200.5, heard_ms=700.9
    ),
    ItemView("item\x1b3", "message", "user"),
    ItemView("unnamed_1", "message", "user"),
)
CALLS = (
    CallView("call_1", "weather", "{}", "awaiting_approval"),
    CallView("call_2", "weather", "{}", "awaiting_approval"),
    CallView("call_3", "clock", "{}", "running"),
    CallView("call_4", "old", "{}", "done"),
)
VIEW = replace(Session().view(), connection="open", items=ITEMS, calls=CALLS)


def found(line: str, view: SessionView = VIEW) -> list[Suggestion]:
    return complete(line, len(line), view=view)


def lines(line: str, view: SessionView = VIEW) -> list[str]:
    """The line after each suggestion."""
    return [line[: each.start] + each.text for each in found(line, view)]


@pytest.mark.parametrize("line", ["", "hello", "//usr", "?", " /help", "/nosuch x", "/mute "])
def test_nothing_is_offered_where_nothing_fits(line: str) -> None:
    assert found(line) == []


def test_a_slash_offers_every_command_with_its_summary() -> None:
    offers = found("/")
    assert len(offers) == 30
    assert Suggestion("/mute", 0, "/mute", "mute the microphone, or open it again") in offers


def test_a_name_is_completed() -> None:
    assert lines("/vo") == ["/voice "]
    assert lines("/IN") == ["/interrupt", "/instructions ", "/inspect "]


def test_other_names_are_offered_once_they_have_begun() -> None:
    assert lines("/st") == ["/stop"]


def test_only_what_stands_before_the_cursor_counts() -> None:
    assert [each.text for each in complete("/voxyz", 3, view=VIEW)] == ["/voice "]


def test_words_of_commands_are_offered() -> None:
    assert lines("/mode ") == ["/mode text ", "/mode voice "]
    assert lines("/tools re") == ["/tools remove "]
    assert lines("/help tr") == ["/help truncate "]
    assert lines("/items ") == ["/items all "]


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ('{"', ['{"response": ']),
        ('{"res', ['{"response": ']),
        ('{"response": ', ['{"response": {']),
        ('{"response": {"output_modalities": ', ['{"response": {"output_modalities": [']),
        ('{"response": {"outp', ['{"response": {"output_modalities": ']),
        ('{"response": {"output_modalities": ["te', ['{"response": {"output_modalities": ["text"']),
        (
            '{"response": {"tools": [], "conversation": "n',
            ['{"response": {"tools": [], "conversation": "none"'],
        ),
        ('{"response": {"input": [{"content": [{"ty', ['{"response": {"input": [{"content": [{"type": ']),
        ('{"response": {"instructions": "say \\"hi\\" {', []),
        ('{"response": {}, "', []),
        ('{"response"', []),
        ('{"response": {}}', []),
        ('{"response": {}} {"', []),
        ("{]}", []),
        ('{,:"', []),
    ],
)
def test_fields_are_offered_inside_of_json(typed: str, whole: list[str]) -> None:
    start = "/send response.create "
    assert lines(start + typed) == [start + each for each in whole]


def test_voices_are_offered() -> None:
    assert lines("/voice m") == ["/voice marin "]


def test_types_of_events_are_offered_with_what_they_do() -> None:
    [create, cancel] = found("/send response.")
    assert (create.text, cancel.text) == ("response.create ", "response.cancel ")
    assert create.summary.startswith("Asks for an answer")


def test_types_of_events_are_found_by_their_middle() -> None:
    assert "/send conversation.item.truncate " in lines("/send trunc")


def test_fields_of_the_event_are_offered() -> None:
    offers = lines("/send conversation.item.truncate ")
    start = "/send conversation.item.truncate "
    assert offers == [
        f'{start}{{"item_id":"item_1","content_index":0,"audio_end_ms":1200}}',
        f"{start}item_id=",
        f"{start}content_index=",
        f"{start}audio_end_ms=",
    ]
    assert found(start)[1].summary == "needed; id of a conversation item"


def test_fields_that_are_there_are_not_offered_again() -> None:
    assert lines("/send conversation.item.truncate item_id=x ")[0].endswith(" content_index=")


def test_fields_of_inner_objects_are_offered() -> None:
    line = "/send conversation.item.create item.content[0].ty"
    assert lines(line) == ["/send conversation.item.create item.content[0].type="]


def test_values_of_fields_are_offered() -> None:
    line = "/send conversation.item.create item.role="
    assert lines(line) == [f"{line}user ", f"{line}assistant ", f"{line}system "]


def test_paths_of_settings_are_offered_with_what_they_are_now() -> None:
    view = replace(VIEW, config={"audio": {"output": {"speed": 1.25}}})
    [speed] = found("/set audio.output.sp", view)
    assert (speed.text, speed.summary) == ("audio.output.speed ", "now 1.25")


def test_paths_of_settings_are_found_by_their_end() -> None:
    assert lines("/set thres") == ["/set audio.input.turn_detection.threshold "]


def test_what_only_the_server_sets_is_not_offered() -> None:
    assert lines("/set expires") == []


def test_values_of_settings_are_offered() -> None:
    line = "/set audio.input.turn_detection.type "
    assert lines(line) == [f"{line}server_vad", f"{line}semantic_vad"]
    assert lines("/set audio.input.turn_detection.create_response ")[:2] == [
        "/set audio.input.turn_detection.create_response true",
        "/set audio.input.turn_detection.create_response false",
    ]
    assert "/set audio.output.voice marin" in lines("/set audio.output.voice ")
    assert lines("/set nosuch.path ") == []


def test_a_transcription_session_has_other_settings() -> None:
    view = replace(VIEW, config={"type": "transcription"})
    assert lines("/set instr", view) == []
    assert lines("/set transcription.mod", view) == ["/set audio.input.transcription.model "]


def test_items_are_offered_the_last_one_first() -> None:
    offers = found("/delete ")
    assert [each.text for each in offers] == ["item_2 ", "msg_user_1 "]
    assert offers[0].summary == "2 assistant: A cat."
    assert offers[1].summary == "1 user: What is␛ this?"


def test_only_speech_is_offered_to_be_cut_and_where() -> None:
    assert lines("/truncate ") == ["/truncate item_2 "]
    assert lines("/truncate item_2 ") == ["/truncate item_2 700 ", "/truncate item_2 1200 "]


def test_calls_are_offered_by_what_tells_them_apart() -> None:
    assert lines("/approve ") == ["/approve call_1 ", "/approve call_2 ", "/approve all "]
    assert lines("/cancel cl") == ["/cancel clock "]


def test_tools_of_the_session_are_offered() -> None:
    view = replace(VIEW, config={"tools": [{"name": "weather", "description": "Tells"}, "odd", {"name": 7}]})
    assert lines("/tools call ", view) == ["/tools call weather "]


def test_patterns_of_events_are_offered() -> None:
    assert lines("/events session.") == [
        "/events session.* ",
        "/events session.update ",
        "/events session.created ",
        "/events session.updated ",
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("photo.png", "notes.txt", "my cat.png", ".hidden.png", "a.wav"):
        (tmp_path / name).touch()
    (tmp_path / "zoo").mkdir()
    (tmp_path / "zoo" / "lion.png").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_files_come_folders_first_and_then_what_fits() -> None:
    assert lines("/image ") == [
        "/image zoo/",
        "/image 'my cat.png' ",
        "/image photo.png ",
        "/image a.wav ",
        "/image notes.txt ",
    ]


@pytest.mark.usefixtures("folder")
def test_what_fits_depends_on_the_command() -> None:
    assert lines("/say ")[:2] == ["/say zoo/", "/say a.wav "]
    assert lines("/save ph") == ["/save photo.png "]
    assert lines("/send pho") == ["/send photo.png "]
    assert lines("/tools add no") == ["/tools add notes.txt "]


@pytest.mark.usefixtures("folder")
def test_hidden_files_are_offered_behind_a_dot() -> None:
    assert lines("/image .h") == ["/image .hidden.png "]


@pytest.mark.usefixtures("folder")
def test_files_in_folders_are_offered_with_short_names() -> None:
    [lion] = found("/image zoo/")
    assert (lion.text, lion.shown) == ("zoo/lion.png ", "lion.png")


@pytest.mark.usefixtures("folder")
def test_an_open_quote_is_closed() -> None:
    assert lines("/image 'my c") == ["/image 'my cat.png' "]


def test_the_users_folder_stays_a_tilde(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    assert lines("/image ~/ph") == ["/image ~/photo.png "]


@pytest.mark.usefixtures("folder")
def test_folders_that_are_not_there_offer_nothing() -> None:
    assert lines("/image nowhere/") == []
    assert lines("/image a\0b/") == []
    assert lines("/image ~nobody-of-that-name/") == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names cannot have control characters")
def test_names_that_would_act_on_a_terminal_are_not_offered(folder: Path) -> None:
    (folder / "evil\x1b[2J.png").touch()
    os.close(os.open(os.fsencode(folder) + b"/\xff.png", os.O_CREAT))
    assert len(lines("/image ")) == 5
