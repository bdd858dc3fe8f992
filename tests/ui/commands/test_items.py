from __future__ import annotations

import pytest

from realtime_cli.core.inputs import ConnectionLost, ConnectionOpened, DeadlineReached
from realtime_cli.core.session import Session
from tests.support.builders import (
    event,
    function_call,
    item_added,
    message,
    response_created,
    response_done,
    text_delta,
)
from tests.support.desks import MemoryDesk
from tests.support.voice import audio_delta, audio_done, voice_session


def conversation() -> MemoryDesk:
    session = voice_session()
    hello = {"role": "user", "status": "completed", "content": [{"type": "input_text", "text": "Hel\x1blo"}]}
    session.receive(item_added(message("user_1", **hello)), 1.0)
    session.receive(response_created(), 1.0)
    session.receive(item_added(message("item_1", status="in_progress"), after="user_1"), 1.0)
    session.receive(audio_delta(1200), 1.0)
    spoken = event(
        "response.output_audio_transcript.delta", item_id="item_1", content_index=0, delta="Good day."
    )
    session.receive(spoken, 1.0)
    session.receive(audio_done(), 1.0)
    session.receive(response_done(output=[]), 1.0)
    call = function_call("call_item", arguments='{"city":"Paris"}', status="completed")
    session.receive(item_added(call, after="item_1"), 1.0)
    return MemoryDesk(session)


def test_items_are_numbered_rows() -> None:
    rows = conversation().run("/items").splitlines()
    assert [row.split()[:3] for row in rows] == [
        ["1", "user_1", "user"],
        ["2", "item_1", "assistant"],
        ["3", "call_item", "call"],
    ]
    assert rows[0].endswith("6 chars  Hel␛lo")
    assert rows[1].endswith("1.2 s  Good day.")
    assert rows[2].endswith('weather({"city":"Paris"})')


@pytest.mark.parametrize("width", [20, 40, 69, 70, 120])
def test_rows_of_items_fit_the_screen(width: int) -> None:
    desk = conversation()
    desk.width = width
    desk.run("/items")
    assert all(row.cell_len <= max(width, 40) for row in desk.rows)


def test_a_narrow_screen_has_two_rows_for_an_item() -> None:
    desk = conversation()
    desk.width = 40
    assert desk.run("/items").splitlines()[2:4] == ["  2 item_1 assistant completed", "    1.2 s  Good day."]


def test_where_id_and_state_have_no_room_each_has_a_row() -> None:
    session = voice_session()
    session.receive(item_added(message("item_of_a_long_name_01", status="completed")), 1.0)
    desk = MemoryDesk(session)
    desk.width = 40
    assert desk.run("/items").splitlines()[:2] == [
        "  1 item_of_a_long_name_01",
        "    assistant completed",
    ]


def test_help_tells_that_numbers_of_rows_do() -> None:
    assert "N is the number of the item's row in /items." in MemoryDesk().run("/help retrieve")


def test_the_last_items_are_shown_with_their_numbers() -> None:
    shown = conversation().run("/items 1").splitlines()
    assert shown[0] == "2 before these: /items all"
    assert shown[1].split()[:2] == ["3", "call_item"]


def test_all_items_can_be_shown() -> None:
    assert len(conversation().run("/items all").splitlines()) == 3


@pytest.mark.parametrize("word", ["0", "-1", "many", "1" * 20])
def test_a_count_of_items_is_a_number(word: str) -> None:
    assert conversation().run(f"/items {word}").startswith("error: /items takes a number, or all")


def test_no_items_are_said() -> None:
    assert "no items yet" in MemoryDesk().run("/items")


@pytest.mark.parametrize(("command", "type_"), [("retrieve", "retrieve"), ("delete", "delete")])
@pytest.mark.parametrize("word", ["item_1", "2", "'item_1'"])
def test_an_item_goes_by_its_id_or_number(command: str, type_: str, word: str) -> None:
    desk = conversation()
    assert desk.run(f"/{command} {word}").startswith("asked ")
    assert desk.sent == [{"type": f"conversation.item.{type_}", "item_id": "item_1"}]


def test_an_item_is_shown_when_it_comes_and_once() -> None:
    desk = conversation()
    assert desk.run("/retrieve user_1") == "asked for user_1"
    content = [{"type": "input_text", "text": "Hel\x1blo"}, {"type": "input_audio", "audio": "AAAA"}]
    other = event("conversation.item.retrieved", item=message("item_1", "Good day."))
    answer = event(
        "conversation.item.retrieved", item={**message("user_1"), "content": content, "phase": None}
    )
    assert desk.hear(other) == ""
    assert dict(row.split(maxsplit=1) for row in desk.hear(answer).splitlines()) == {
        "id": "user_1",
        "type": "message",
        "role": "assistant",
        "content[0].type": "input_text",
        "content[0].text": "Hel␛lo",
        "content[1].type": "input_audio",
        "content[1].audio": "(3 bytes)",
        "phase": "null",
    }
    assert desk.hear(answer) == ""


@pytest.mark.parametrize(
    ("line", "done", "words"),
    [
        ("/delete item_1", "deleted", "deleted item_1"),
        ("/truncate item_1 800", "truncated", "cut item_1 after 800 ms"),
    ],
)
def test_what_was_asked_for_is_told_when_it_is_done(line: str, done: str, words: str) -> None:
    desk = conversation()
    desk.run(line)
    answer = event(f"conversation.item.{done}", item_id="item_1", content_index=0, audio_end_ms=800)
    assert desk.hear(answer) == words


def twice_counted() -> MemoryDesk:
    """A conversation in its second session, whose server counts items anew: two of them it calls `item_1`."""
    session = Session(reconnects=True)
    greeting = event("session.created", session={"type": "realtime", "id": "sess_1"})
    answers = [(response_created(), text_delta(text), response_done()) for text in ("One.", "Two.")]
    for happened in (ConnectionOpened(), greeting, *answers[0], ConnectionLost(1006)):
        session.receive(happened, 1.0)
    for happened in (DeadlineReached(), ConnectionOpened(), greeting, *answers[1]):
        session.receive(happened, 2.0)
    return MemoryDesk(session)


def test_in_a_session_that_counts_anew_an_item_is_shown_and_deleted_by_its_name_here() -> None:
    desk = twice_counted()
    assert [row.split()[1] for row in desk.run("/items").splitlines()][-1] == "item_1~2"
    assert desk.run("/retrieve item_1~2") == "asked for item_1~2"
    assert desk.sent[-1] == {"type": "conversation.item.retrieve", "item_id": "item_1"}
    answer = event("conversation.item.retrieved", item=message("item_1", "Two."))
    assert "Two." in desk.hear(answer)
    desk.run("/delete item_1~2")
    assert desk.hear(event("conversation.item.deleted", item_id="item_1")) == "deleted item_1~2"


def test_what_was_not_sent_is_not_answered() -> None:
    desk = conversation()
    desk.changes = {"connection": "closed"}
    assert "the connection is closed" in desk.run("/delete item_1")
    assert desk.hear(event("conversation.item.deleted", item_id="item_1")) == ""


def test_what_is_never_answered_does_not_fill_the_memory() -> None:
    desk = conversation()
    for _ in range(100):
        desk.run("/delete item_1")
    answers = [desk.hear(event("conversation.item.deleted", item_id="item_1")) for _ in range(100)]
    assert 0 < len([words for words in answers if words]) < 20


def test_speech_is_cut() -> None:
    desk = conversation()
    assert desk.run("/truncate 2 800ms") == "asked to cut item_1 after 800 ms"
    assert desk.sent == [
        {
            "type": "conversation.item.truncate",
            "item_id": "item_1",
            "content_index": 0,
            "audio_end_ms": 800,
        }
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/delete", "an item is missing"),
        ("/delete 1 2", "/delete ID"),
        ("/delete item_l", "there is no item item_l (did you mean item_1?)"),
        ("/delete 4", "there is no item 4"),
        ("/delete 0", "there is no item 0"),
        ("/retrieve \x1b[2J", "there is no item ␛[2J"),
        ("/truncate 2", "takes an item and milliseconds"),
        ("/truncate 2 soon", "soon is no number of milliseconds"),
        ("/truncate 2 1300", "item_1 has 1200 ms of sound"),
        ("/truncate 1 100", "user_1 is no speech of the assistant"),
        ("/delete 'x", "a quote is open"),
    ],
)
def test_mistakes_are_named_and_nothing_is_sent(line: str, words: str) -> None:
    desk = conversation()
    assert words in desk.run(line).replace("\n", " ")
    assert desk.posted == []


def test_an_item_without_an_id_of_the_servers_cannot_be_named() -> None:
    desk = MemoryDesk(voice_session())
    desk.session.receive(item_added(message(None, "hello", role="user")), 1.0)
    assert "gave that item no id" in desk.run("/delete 1")
    assert desk.posted == []
