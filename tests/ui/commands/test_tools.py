from __future__ import annotations

import pytest

from realtime_cli.core.inputs import ApprovalGiven, ApprovalWanted, ToolCancelRequested, ToolFinished
from realtime_cli.ui.commands import ToolRow
from realtime_cli.ui.commands.calls import awaiting_approval
from tests.support.builders import event, function_call, item_added, response_created, response_done
from tests.support.desks import MemoryDesk, MemoryTools


def called(*names: str, wait: bool = True) -> MemoryDesk:
    """A session in which the model has called functions, which wait for approval unless told otherwise."""
    desk = MemoryDesk()
    desk.session.receive(response_created(), 1.0)
    for number, name in enumerate(names, 1):
        call = function_call(f"fc_{number}", name, call_id=f"call_{number}", arguments="{}")
        told = event("response.output_item.done", response_id="resp_1", output_index=number, item=call)
        desk.session.receive(told, 1.0)
        if wait:
            desk.session.receive(ApprovalWanted(f"call_{number}"), 1.0)
    desk.session.receive(response_done(output=[]), 1.0)
    return desk


def given(desk: MemoryDesk) -> list[tuple[str, bool]]:
    return [(wish.call_id, wish.approves) for wish in desk.posted if isinstance(wish, ApprovalGiven)]


def test_the_only_call_needs_no_name() -> None:
    desk = called("weather")
    assert desk.run("/approve") == "approved: weather({})"
    assert given(desk) == [("call_1", True)]


@pytest.mark.parametrize("word", ["weather", "call_1"])
def test_a_call_goes_by_its_name_or_its_id(word: str) -> None:
    desk = called("weather", "clock")
    desk.run(f"/deny {word}")
    assert given(desk) == [("call_1", False)]


def test_all_calls_can_be_meant() -> None:
    desk = called("weather", "clock")
    desk.run("/approve all")
    assert given(desk) == [("call_1", True), ("call_2", True)]


def test_of_several_calls_none_is_guessed() -> None:
    desk = called("weather", "clock")
    assert "2 calls wait: weather, clock" in desk.run("/approve")
    assert given(desk) == []


def test_of_two_calls_of_one_name_the_id_decides() -> None:
    desk = called("weather", "weather")
    assert "name one: call_1, call_2" in desk.run("/approve weather")
    assert given(desk) == []
    desk.run("/approve call_2")
    assert given(desk) == [("call_2", True)]


@pytest.mark.parametrize("line", ["/approve", "/approve all", "/deny weather"])
def test_where_nothing_waits_that_is_said(line: str) -> None:
    desk = called("weather", wait=False)
    assert "no call waits for approval" in desk.run(line)
    assert desk.posted == []


def test_another_name_is_an_error_that_tells_what_waits() -> None:
    assert "no such call: wether (there is weather)" in called("weather").run("/approve wether")


def test_a_request_of_the_server_goes_by_its_item() -> None:
    desk = MemoryDesk()
    request = {
        "id": "mcpr_1",
        "type": "mcp_approval_request",
        "server_label": "docs",
        "name": "search",
        "arguments": '{"q":"x"}',
    }
    desk.session.receive(item_added(request), 1.0)
    assert desk.run("/approve search") == 'approved: search({"q":"x"})'
    [response] = desk.sent
    assert response["item"]["type"] == "mcp_approval_response"
    assert (response["item"]["approval_request_id"], response["item"]["approve"]) == ("mcpr_1", True)
    assert "no call waits" in desk.run("/deny")


@pytest.mark.parametrize("first", ["mcpr_1", "mcp_1"])
def test_what_waits_is_in_the_order_of_the_conversation(first: str) -> None:
    desk = MemoryDesk()
    call = {"server_label": "docs", "name": "search", "arguments": "{}"}
    server = {
        "mcp_1": {**call, "id": "mcp_1", "type": "mcp_call", "status": "in_progress"},
        "mcpr_1": {**call, "id": "mcpr_1", "type": "mcp_approval_request"},
    }
    later = [server["mcpr_1"]] if first == "mcp_1" else []
    mine = function_call("fc_1", arguments="{}", status="completed")
    desk.session.receive(response_created(), 1.0)
    for number, item in enumerate((server[first], mine, *later)):
        told = event("response.output_item.done", response_id="resp_1", output_index=number, item=item)
        desk.session.receive(told, 1.0)
    desk.session.receive(ApprovalWanted("call_1"), 1.0)
    assert [each.name for each in awaiting_approval(desk.view)] == ["search", "weather"]


def test_the_user_stands_in_for_a_tool() -> None:
    desk = called("weather", wait=False)
    desk.run('/answer weather {"celsius": 12, "note": "it\'s fine"}')
    assert desk.posted[-1] == ToolFinished("call_1", '{"celsius": 12, "note": "it\'s fine"}')
    assert desk.sent[0]["item"]["output"] == '{"celsius": 12, "note": "it\'s fine"}'


def test_an_answer_needs_a_call_and_words() -> None:
    desk = called("weather", wait=False)
    assert "a call and its output" in desk.run("/answer weather")
    assert "no call waits for an answer" in MemoryDesk().run("/answer weather 12")
    assert desk.posted == []


def test_a_tool_can_be_stopped() -> None:
    desk = called("weather", "clock", wait=False)
    desk.run("/cancel clock")
    assert desk.posted == [ToolCancelRequested("call_2")]


@pytest.mark.parametrize("line", ["/cancel", "/cancel all"])
def test_all_tools_can_be_stopped(line: str) -> None:
    desk = called("weather", "clock", wait=False)
    desk.run(line)
    assert desk.posted == [ToolCancelRequested()]


def test_where_nothing_runs_that_is_said() -> None:
    desk = MemoryDesk()
    assert "no call is under way" in desk.run("/cancel")
    assert "no call is under way" in desk.run("/cancel weather")
    assert desk.posted == []


def with_tools() -> tuple[MemoryDesk, MemoryTools]:
    rows = [ToolRow("weather", "weather.py", "Weather of a\x1b city", "never"), ToolRow("search")]
    tools = MemoryTools(rows)
    return MemoryDesk(tools=tools), tools


@pytest.mark.parametrize("line", ["/tools", "/tools list"])
def test_tools_are_listed(line: str) -> None:
    desk, _ = with_tools()
    assert desk.run(line).splitlines() == [
        "weather  Weather of a␛ city (weather.py · never runs)",
        "search",
    ]


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ("/tools add 'my tools.py'", ("add", "my tools.py")),
        ("/tools add mcp:npx some-server --flag", ("add", "mcp:npx some-server --flag")),
        ("/tools remove weather", ("remove", "weather")),
        ('/tools call weather {"city": "Paris"}', ("call", "weather", '{"city": "Paris"}')),
        ("/tools call search", ("call", "search", "{}")),
    ],
)
def test_tools_are_changed_and_called(line: str, done: tuple[str, ...]) -> None:
    desk, tools = with_tools()
    assert desk.run(line) == ""
    assert tools.done == [done]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/tools add", "something is missing"),
        ("/tools add 'open", "a quote is open"),
        ("/tools add broken", "broken cannot be read (mend it)"),
        ("/tools remove", "a tool's name is missing"),
        ("/tools call wether", "there is no tool wether (did you mean weather?)"),
        ("/tools call xyz", "there is no tool xyz (/tools lists them)"),
        ("/tools ad", "/tools does not know ad (did you mean /tools add?)"),
        ("/tools frobnicate", "/tools does not know frobnicate"),
    ],
)
def test_mistakes_are_named(line: str, words: str) -> None:
    desk, tools = with_tools()
    desk.width = 200
    assert words in desk.run(line)
    assert tools.done == []


def test_without_tools_it_says_how_to_get_them() -> None:
    assert "start it with --tools FILE" in MemoryDesk().run("/tools")


def test_an_empty_list_says_how_to_fill_it() -> None:
    assert "/tools add SPEC" in MemoryDesk(tools=MemoryTools()).run("/tools")
