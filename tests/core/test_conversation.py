"""Items in the server's order, and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from realtime_cli.core.inputs import UserEvent, UserText
from realtime_cli.core.view import ItemView, SessionView
from tests.support.builders import event, function_call, greeted, item_added, message, text_delta
from tests.support.playbook import listen


def ids(view: SessionView) -> list[str]:
    return [item.id for item in view.items]


def told(source: Mapping[str, object], name: str = "conversation.item.added") -> ItemView:
    (item,) = listen(greeted(), event(name, item=source)).items
    return item


def test_items_stand_behind_the_item_that_the_server_names() -> None:
    view = listen(
        greeted(),
        item_added(message("a")),
        item_added(message("b"), after="a"),
        item_added(message("c"), after="a"),
        item_added(message("d"), after="c"),
    )
    assert ids(view) == ["a", "c", "d", "b"]


@pytest.mark.parametrize("after", [None, "0", "gone", "c"])
def test_an_item_after_nothing_known_stands_at_the_end(after: str | None) -> None:
    view = listen(
        greeted(), item_added(message("a")), item_added(message("b")), item_added(message("c"), after=after)
    )
    assert ids(view) == ["a", "b", "c"]


def test_root_means_the_front() -> None:
    view = listen(greeted(), item_added(message("a")), item_added(message("b"), after="root"))
    assert ids(view) == ["b", "a"]


@pytest.mark.parametrize("item_id", ["b", None])
def test_an_item_that_we_put_to_the_front_stands_there_though_the_server_names_none_before_it(
    item_id: str | None,
) -> None:
    named = "" if item_id is None else f'"id":"{item_id}",'
    create = (
        '{"type":"conversation.item.create","previous_item_id":"root",'
        f'"item":{{{named}"type":"message","role":"system","content":[]}}}}'
    )
    view = listen(
        greeted(),
        item_added(message("a")),
        UserEvent(create),
        item_added(message("b", role="system")),
    )
    assert ids(view) == ["b", "a"]


def test_an_item_is_placed_only_once() -> None:
    view = listen(
        greeted(),
        item_added(message("a")),
        item_added(message("b"), after="a"),
        item_added(message("c"), after="b"),
        item_added(message("b"), after="c"),
        event("conversation.item.done", previous_item_id="c", item=message("b")),
    )
    assert ids(view) == ["a", "b", "c"]


def test_deltas_make_an_item_that_finds_its_place_when_it_is_announced_late() -> None:
    view = listen(
        greeted(),
        item_added(message("a")),
        item_added(message("c"), after="a"),
        text_delta("early", item_id="b"),
        item_added(message("b"), after="a"),
    )
    assert [(item.id, item.text) for item in view.items] == [("a", ""), ("b", "early"), ("c", "")]


@pytest.mark.parametrize(
    "name", ["conversation.item.added", "conversation.item.created", "conversation.item.done"]
)
def test_any_of_the_three_announcements_is_enough(name: str) -> None:
    view = listen(
        greeted(),
        item_added(message("a")),
        item_added(message("c"), after="a"),
        event(name, previous_item_id="a", item=message("b", "words", status="completed")),
    )
    assert [(item.id, item.text) for item in view.items] == [("a", ""), ("b", "words"), ("c", "")]


def test_items_without_an_id_are_items_all_the_same() -> None:
    view = listen(greeted(), item_added(message(None, "one")), item_added(message(None, "two")))
    assert [item.text for item in view.items] == ["one", "two"]
    assert len(set(ids(view))) == 2


def test_an_announcement_without_its_item_changes_nothing() -> None:
    assert listen(greeted(), event("conversation.item.added")).items == ()


def test_a_deleted_item_is_gone_and_an_unknown_one_does_no_harm() -> None:
    view = listen(
        greeted(),
        item_added(message("a")),
        event("conversation.item.deleted", item_id="a"),
        event("conversation.item.deleted", item_id="a"),
        event("conversation.item.deleted"),
    )
    assert view.items == ()


def test_a_truncated_item_tells_where_it_was_cut_and_keeps_its_words() -> None:
    view = listen(
        greeted(),
        item_added(message("a", "long story")),
        event("conversation.item.truncated", item_id="a", content_index=0, audio_end_ms=420),
    )
    assert [(item.truncated_ms, item.text) for item in view.items] == [(420, "long story")]


def test_a_truncation_without_an_item_means_the_last_of_the_assistant() -> None:
    view = listen(
        greeted(),
        item_added(message("a")),
        item_added(message("b", role="user"), after="a"),
        event("conversation.item.truncated", audio_end_ms=1.5),
    )
    assert [item.truncated_ms for item in view.items] == [1.5, None]


def test_a_retrieved_item_brings_what_the_server_holds() -> None:
    source = {
        "id": "a",
        "type": "message",
        "role": "user",
        "content": [{"type": "input_audio", "audio": "AA=="}],
    }
    view = listen(
        greeted(),
        item_added(message("a", role="user")),
        UserEvent('{"type":"conversation.item.retrieve","item_id":"a"}'),
        event("conversation.item.retrieved", item=source),
        event("conversation.item.retrieved"),
    )
    (item,) = view.items
    assert (item.role, item.has_audio) == ("user", True)


def test_parts_are_joined_in_the_order_of_their_index() -> None:
    view = listen(
        greeted(),
        text_delta("second", content_index=1),
        text_delta("first", content_index=0),
        text_delta("", content_index=2),
    )
    assert view.items[0].text == "first\nsecond"


def test_a_description_without_words_wipes_none() -> None:
    view = listen(
        greeted(),
        text_delta("said"),
        item_added(message("item_1", content=[{"type": "output_text", "text": ""}])),
        event("conversation.item.done", item=message("item_1", content=[{"type": "output_audio"}])),
    )
    assert (view.items[0].text, view.items[0].has_audio) == ("said", True)


@pytest.mark.parametrize(
    ("part", "text", "has_audio"),
    [
        ({"type": "input_text", "text": "x"}, "x", False),
        ({"type": "output_text", "text": "x"}, "x", False),
        ({"type": "text", "text": "x"}, "x", False),
        ({"type": "input_audio", "transcript": None}, "", True),
        ({"type": "output_audio", "transcript": "x"}, "x", True),
        ({"type": "audio", "transcript": "x"}, "x", True),
        ({"type": "input_image", "image_url": "data:"}, "", False),
        ({"type": "hologram", "text": "x"}, "x", False),
    ],
)
def test_every_kind_of_content_gives_its_words(
    part: Mapping[str, object], text: str, has_audio: bool
) -> None:
    item = told(message("a", content=[part]))
    assert (item.text, item.has_audio) == (text, has_audio)


def test_a_message_without_content_is_an_empty_message() -> None:
    item = told({"id": "a", "type": "message", "role": "system"})
    assert (item.kind, item.role, item.text) == ("message", "system", "")


def test_a_function_call_shows_its_name_and_arguments() -> None:
    item = told(function_call("a", arguments='{"city": "Paris"}', status="completed"))
    assert (item.kind, item.role, item.name, item.call_id) == (
        "function_call",
        "assistant",
        "weather",
        "call_1",
    )
    assert item.arguments == '{"city": "Paris"}'


def test_a_function_calls_output_shows_its_text() -> None:
    item = told({"id": "a", "type": "function_call_output", "call_id": "call_1", "output": "12"})
    assert (item.kind, item.call_id, item.output) == ("function_call_output", "call_1", "12")


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({"output": "found"}, "found"),
        ({"error": {"type": "http_error", "message": "HTTP 500"}}, "HTTP 500"),
        ({"error": "broken"}, "broken"),
        ({}, ""),
    ],
)
def test_an_mcp_call_shows_what_came_of_it(fields: Mapping[str, object], output: str) -> None:
    item = told({"id": "a", "type": "mcp_call", "name": "search", "arguments": "{}", **fields})
    assert (item.kind, item.name, item.arguments, item.output) == ("mcp_call", "search", "{}", output)


def test_a_list_of_mcp_tools_shows_their_names() -> None:
    source = {"id": "a", "type": "mcp_list_tools", "server_label": "docs", "tools": [{"name": "search"}, {}]}
    item = told(source, "conversation.item.done")
    assert (item.kind, item.name, item.output) == ("mcp_list_tools", "docs", "search, ?")


def test_an_mcp_approval_and_its_request_are_shown() -> None:
    request = told({"id": "a", "type": "mcp_approval_request", "name": "search", "arguments": "{}"})
    assert (request.kind, request.name, request.role) == ("mcp_approval_request", "search", "assistant")
    yes = told({"id": "a", "type": "mcp_approval_response", "approve": True})
    no = told({"id": "a", "type": "mcp_approval_response", "approve": False})
    assert [(yes.role, yes.output), (no.role, no.output)] == [("user", "approved"), ("user", "not approved")]


@pytest.mark.parametrize("kind", ["force_message", "item_reference"])
def test_an_item_of_another_kind_is_still_an_item(kind: str) -> None:
    assert told({"id": "a", "type": kind}).kind == kind


def test_what_a_later_description_leaves_out_stays() -> None:
    view = listen(
        greeted(),
        item_added(function_call("a", arguments="{}", status="in_progress")),
        event("conversation.item.done", item={"id": "a", "type": "function_call"}),
    )
    (item,) = view.items
    assert (item.name, item.arguments, item.call_id, item.status) == (
        "weather",
        "{}",
        "call_1",
        "in_progress",
    )


def test_a_view_that_was_given_out_does_not_change() -> None:
    session = greeted()
    before = listen(session, UserText("hello"), text_delta("One"))
    after = listen(session, text_delta(" two"))
    assert [before.items[-1].text, after.items[-1].text] == ["One", "One two"]
    again = session.view()
    assert again.items[-1] is after.items[-1]
