"""MCP on the server's side: listings, calls and approvals, in the protocol's order."""

from __future__ import annotations

import pytest

from realtime_cli.core.answers import Call, Fail, McpCall, Say, Speech, Turn
from realtime_cli.core.responder import AnswerFinished, AnswerPartReady
from realtime_cli.protocol.items import McpTool
from tests.support.responder_play import Json, Play, only_error, types

TOOLS = {"docs": (McpTool(name="search", input_schema={"type": "object"}), McpTool(name="fetch"))}
DOCS = {"type": "mcp", "server_label": "docs", "server_url": "https://docs.example/mcp"}
LISTING = ["mcp_list_tools.in_progress", "conversation.item.added", None, "conversation.item.done"]
SEARCH = McpCall("docs", "search", '{"q": "tomatoes"}', output="3 pages")
ASKING = McpCall("docs", "search", "{}", output="3 pages", needs_approval=True)


def equipped(**fields: object) -> tuple[Play, list[Json]]:
    """A connection whose session names the MCP server; and what the server says about it."""
    play = Play(mcp_tools=TOOLS)
    return play, play.update(tools=[{**DOCS, **fields}], output_modalities=["text"])


def listed(events: list[Json]) -> list[str]:
    return [tool["name"] for tool in events[-1]["item"]["tools"]]


def test_a_server_is_listed_after_the_update_that_names_it() -> None:
    _, (updated, *listing) = equipped()
    assert updated["type"] == "session.updated"
    assert types(listing) == [kind or "mcp_list_tools.completed" for kind in LISTING]
    assert {event.get("item_id") or event["item"]["id"] for event in listing} == {"item_t0001"}
    assert listing[1]["item"]["tools"] == []
    item = listing[-1]["item"]
    assert (item["type"], item["server_label"]) == ("mcp_list_tools", "docs")
    assert item["tools"][0] == {"name": "search", "input_schema": {"type": "object"}}


def test_a_server_is_listed_once() -> None:
    play, _ = equipped()
    assert types(play.update(tools=[DOCS])) == ["session.updated"]
    assert types(play.say("response.create", response={"tools": [DOCS]})) == ["response.created"]


def test_a_server_that_one_answer_brings_along_is_listed_too() -> None:
    play = Play(mcp_tools=TOOLS)
    events = play.say("response.create", response={"tools": [DOCS]})
    assert types(events) == [*(kind or "mcp_list_tools.completed" for kind in LISTING), "response.created"]


def test_a_request_that_is_refused_lists_nothing() -> None:
    play = Play(mcp_tools=TOOLS)
    play.ask()
    only_error(play.say("response.create", response={"tools": [DOCS]}))


def test_a_server_that_nobody_knows_cannot_be_listed() -> None:
    (_, *listing) = Play().update(tools=[DOCS, {"type": "function", "name": "f"}])
    assert types(listing) == [kind or "mcp_list_tools.failed" for kind in LISTING]
    assert listed(listing) == []


@pytest.mark.parametrize(
    ("allowed", "names"),
    [
        (None, ["search", "fetch"]),
        (["fetch"], ["fetch"]),
        ({"tool_names": ["search", "x"]}, ["search"]),
        ({"read_only": True}, ["search", "fetch"]),
    ],
)
def test_only_tools_that_are_allowed_are_listed(allowed: object, names: list[str]) -> None:
    _, listing = equipped(allowed_tools=allowed)
    assert listed(listing) == names


def test_a_transcription_session_lists_nothing() -> None:
    play = Play(kind="transcription", mcp_tools=TOOLS)
    assert types(play.say("session.update", session={"type": "transcription"})) == ["session.updated"]


def begun(call: McpCall, **fields: object) -> tuple[Play, str, list[Json]]:
    """An answer that makes a call; its id, and what the call brings."""
    play, _ = equipped(**{"require_approval": "never", **fields})
    response_id = play.ask()
    return play, response_id, play.receive(AnswerPartReady(response_id, call))


def test_a_call_goes_from_its_item_to_its_output() -> None:
    _, response_id, events = begun(SEARCH)
    assert types(events) == [
        "response.output_item.added",
        "conversation.item.added",
        "response.mcp_call_arguments.delta",
        "response.mcp_call_arguments.done",
        "response.mcp_call.in_progress",
        "response.mcp_call.completed",
        "conversation.item.done",
        "response.output_item.done",
    ]
    assert events[0]["item"] == {
        "id": "item_t0002",
        "type": "mcp_call",
        "status": "in_progress",
        "server_label": "docs",
        "name": "search",
        "arguments": "",
    }
    assert (events[2]["delta"], events[3]["arguments"]) == (SEARCH.arguments, SEARCH.arguments)
    assert {events[at]["item_id"] for at in range(2, 6)} == {"item_t0002"}
    assert {events[at]["output_index"] for at in range(2, 6)} == {0}
    item = events[-1]["item"]
    assert (events[-1]["response_id"], item["status"], item["output"]) == (
        response_id,
        "completed",
        "3 pages",
    )


def test_a_call_that_fails_says_so_and_why() -> None:
    _, _, events = begun(McpCall("docs", "search", "{}", error="no index"))
    assert "response.mcp_call.failed" in types(events)
    item = events[-1]["item"]
    assert (item["status"], item["error"]) == (
        "incomplete",
        {"type": "tool_execution_error", "message": "no index"},
    )


def test_the_brain_goes_on_in_the_same_answer_once_it_knows_what_the_call_brought() -> None:
    play, response_id, _ = begun(McpCall("docs", "search", "{}", output="3 pages"))
    assert play.receive(AnswerFinished(response_id)) == []
    assert [asked.response_id for asked in play.asked] == [response_id, response_id]
    call = Turn("call", "{}", name="search", call_id="item_t0002")
    assert play.prompt.turns == (call, Turn("call_output", "3 pages", call_id="item_t0002"))
    events = play.answer(response_id, Say("3 pages."))
    assert [item["type"] for item in events[-2]["response"]["output"]] == ["mcp_call", "message"]
    assert events[-2]["response"]["status"] == "completed"


def test_what_was_said_behind_a_call_is_said_before_the_brain_is_asked_again() -> None:
    play, response_id, _ = begun(McpCall("docs", "search", "{}", error="no index"))
    play.receive(AnswerPartReady(response_id, Say("One moment.")))
    closing = play.receive(AnswerFinished(response_id))
    assert types(closing)[-1] == "response.output_item.done"
    assert [turn.text for turn in play.prompt.turns] == ["{}", "no index", "One moment."]


def test_later_answers_know_of_the_call() -> None:
    play, response_id, _ = begun(SEARCH)
    play.receive(AnswerFinished(response_id))
    play.answer(response_id, Say("3 pages."))
    play.ask()
    assert [turn.role for turn in play.prompt.turns] == ["call", "call_output", "assistant"]


def asking(call: McpCall = ASKING) -> tuple[Play, str, str]:
    """An answer that waits for approval; its id, and the request's."""
    play, response_id, events = begun(call)
    return play, response_id, events[-1]["item"]["id"]


def decide(play: Play, request_id: str, *, approve: bool) -> list[Json]:
    response = {"type": "mcp_approval_response", "approval_request_id": request_id, "approve": approve}
    return play.say("conversation.item.create", item=response)


def test_a_call_that_wants_approval_asks_behind_its_arguments() -> None:
    play, response_id, events = begun(ASKING)
    assert types(events)[3:] == [
        "response.mcp_call_arguments.done",
        "conversation.item.added",
        "conversation.item.done",
    ]
    request = events[-1]["item"]
    assert request == {
        "id": "item_t0003",
        "type": "mcp_approval_request",
        "server_label": "docs",
        "name": "search",
        "arguments": "{}",
    }
    assert play.receive(AnswerFinished(response_id)) == []
    assert len(play.asked) == 1


def test_an_approved_call_is_made_and_the_answer_goes_on_by_itself() -> None:
    play, response_id, request_id = asking()
    play.receive(AnswerFinished(response_id))
    events = decide(play, request_id, approve=True)
    assert types(events) == [
        "conversation.item.added",
        "conversation.item.done",
        "response.mcp_call.in_progress",
        "response.mcp_call.completed",
        "conversation.item.done",
        "response.output_item.done",
    ]
    item = events[-1]["item"]
    assert (item["output"], item["approval_request_id"]) == ("3 pages", request_id)
    assert play.prompt.turns[-1] == Turn("call_output", "3 pages", call_id="item_t0002")
    assert play.answer(response_id, Say("Done."))[-2]["response"]["status"] == "completed"


def test_a_call_that_is_not_approved_is_not_made_and_the_brain_knows() -> None:
    play, response_id, request_id = asking()
    play.receive(AnswerFinished(response_id))
    events = decide(play, request_id, approve=False)
    assert types(events)[2:] == ["conversation.item.done", "response.output_item.done"]
    item = events[-1]["item"]
    assert (item["status"], item.get("output")) == ("incomplete", None)
    assert play.prompt.turns[-1].is_denied
    assert play.answer(response_id, Say("Fine."))[-2]["response"]["status"] == "completed"


def test_a_verdict_before_the_brain_has_finished_waits_for_that() -> None:
    play, response_id, request_id = asking()
    decide(play, request_id, approve=True)
    assert len(play.asked) == 1
    play.receive(AnswerFinished(response_id))
    assert len(play.asked) == 2


def test_of_two_calls_each_has_its_own_verdict_and_the_brain_goes_on_after_both() -> None:
    play, response_id, first = asking()
    second = play.receive(AnswerPartReady(response_id, ASKING))[-1]["item"]["id"]
    play.receive(AnswerFinished(response_id))
    decide(play, second, approve=False)
    assert len(play.asked) == 1
    decide(play, first, approve=True)
    assert [turn.is_denied for turn in play.prompt.turns] == [False, False, False, True]


def test_a_request_is_answered_once() -> None:
    play, _, request_id = asking()
    decide(play, request_id, approve=True)
    error = only_error(decide(play, request_id, approve=False))
    assert (error["param"], "answered already" in error["message"]) == ("item.approval_request_id", True)


def test_a_verdict_on_something_else_is_refused() -> None:
    play, _, _ = asking()
    item_id = play.add("hello")
    assert "does not exist" in only_error(decide(play, item_id, approve=True))["message"]


def test_an_answer_that_is_cancelled_while_it_waits_ends_with_its_call_not_made() -> None:
    play, response_id, request_id = asking()
    play.receive(AnswerFinished(response_id))
    events = play.say("response.cancel")
    assert types(events)[:3] == ["conversation.item.done", "response.output_item.done", "response.done"]
    assert events[2]["response"]["output"][0]["status"] == "incomplete"
    late = decide(play, request_id, approve=True)
    assert types(late) == ["conversation.item.added", "conversation.item.done"]
    play.ask()
    assert play.prompt.turns[-1].is_denied


def test_a_verdict_finds_its_answer_among_several() -> None:
    play, _ = equipped(require_approval="always")
    play.ask(conversation="none")
    response_id = play.ask()
    request_id = play.receive(AnswerPartReady(response_id, SEARCH))[-1]["item"]["id"]
    assert "response.mcp_call.completed" in types(decide(play, request_id, approve=True))


def test_other_words_that_arrive_ask_no_brain_again_that_waits_for_the_user() -> None:
    play, response_id, _ = asking()
    play.receive(AnswerFinished(response_id))
    play.add("are you there?")
    assert len(play.asked) == 1


def test_a_call_that_is_too_long_is_cut_and_not_made() -> None:
    play, _ = equipped()
    response_id = play.ask(max_output_tokens=1)
    events = play.receive(AnswerPartReady(response_id, SEARCH))
    assert "response.mcp_call_arguments.done" not in types(events)
    assert events[-2]["response"]["status"] == "incomplete"
    assert events[-2]["response"]["output"][0]["status"] == "incomplete"


def test_a_call_beside_the_conversation_stays_beside_it() -> None:
    play, _ = equipped(require_approval="never")
    response_id = play.ask(conversation="none")
    events = play.receive(AnswerPartReady(response_id, SEARCH))
    assert not [kind for kind in types(events) if kind.startswith("conversation.")]


@pytest.mark.parametrize(
    ("rule", "asks"),
    [
        (None, True),
        ("always", True),
        ("never", False),
        ({"never": {"tool_names": ["search"]}}, False),
        ({"never": {"tool_names": ["fetch"]}}, True),
        ({"always": {"tool_names": ["search"]}}, True),
        ({"always": {"tool_names": ["fetch"]}}, False),
    ],
)
def test_the_session_says_which_calls_want_approval(rule: object, asks: bool) -> None:
    _, _, events = begun(SEARCH, require_approval=rule)
    assert (events[-1].get("item", {}).get("type") == "mcp_approval_request") == asks


def test_the_brain_may_know_better_than_the_session() -> None:
    _, _, events = begun(McpCall("docs", "search", "{}", needs_approval=False), require_approval="always")
    assert events[-1]["item"]["type"] == "mcp_call"


def test_a_call_at_a_server_that_the_session_does_not_name_asks_nobody() -> None:
    _, _, events = begun(McpCall("other", "search", "{}"), require_approval="always")
    assert events[-1]["item"]["type"] == "mcp_call"


@pytest.mark.parametrize("part", [Say("x"), Speech(b""), Call("f", "{}"), Fail("server_error", "no")])
def test_an_answer_without_such_calls_asks_its_brain_once(part: Say | Speech | Call | Fail) -> None:
    play = Play()
    play.answer(play.ask(), part)
    assert len(play.asked) == 1
