"""Every way that a call can go, from a brain to the client's view and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime_cli.core.inputs import ApprovalGiven, ToolFinished, ToolStarted
from realtime_cli.core.view import ItemView, SessionView
from realtime_cli.server.brains.rules import RulesBrain
from tests.support.two_cores import TwoCores, script_brain

SCRIPT = """
mcp:
  docs: [search, {name: fetch, description: Reads a page, input_schema: {type: object}}]
turns:
  - when: one
    call: {name: weather, arguments: {city: Paris}}
  - when: both
    call: [{name: weather, arguments: {city: Paris}}, {name: clock}]
  - when: chain
    say: First the clock.
    call: {name: clock}
  - when: broken
    call: {name: weather, arguments: "{not json"}
  - when: misfit
    call: {name: weather, arguments: {city: 5}}
  - when: unknown
    call: {name: no_such_tool}
  - when: slow
    call: {name: slow}
  - when: meanwhile
    say: I am still waiting.
  - after: clock
    once: true
    call: {name: weather, arguments: {at: "{output}"}}
  - after: [weather, slow, no_such_tool]
    say: "It is {output}."
  - when: search
    mcp: {server: docs, name: search, arguments: {q: tomatoes}, output: 3 pages}
  - when: fail to search
    mcp: {server: docs, name: search, error: no index}
  - when: ask first
    say: Let me ask.
    mcp: {server: docs, name: fetch, output: the page, approval: true}
  - after: [search, fetch]
    say: "Found {output}."
  - denied: fetch
    say: "Then not."
"""
DOCS = {"type": "mcp", "server_label": "docs", "server_url": "https://x.example", "require_approval": "never"}


def weather(arguments: str) -> str:
    try:
        city = json.loads(arguments).get("city", "there")
    except ValueError:
        return "no JSON"
    return f"fine in {city}" if isinstance(city, str) else "no city"


def clock(arguments: str) -> str:
    return "noon"


def scripted(folder: Path, **config: object) -> TwoCores:
    return TwoCores(script_brain(folder, SCRIPT), run={"weather": weather, "clock": clock}, **config)


def said(view: SessionView) -> list[str]:
    return [item.text for item in view.items if item.role == "assistant" and item.kind == "message"]


def calls(view: SessionView) -> list[tuple[str, str, str]]:
    return [(call.name, call.state, call.output) for call in view.calls]


def only(view: SessionView, kind: str) -> ItemView:
    (item,) = (item for item in view.items if item.kind == kind)
    return item


def errors(view: SessionView) -> list[str]:
    return [notice.text for notice in view.notices if notice.level == "error"]


@pytest.mark.parametrize(
    ("text", "made", "words"),
    [
        ("one", [("weather", "done", "fine in Paris")], ["It is fine in Paris."]),
        (
            "chain",
            [("clock", "done", "noon"), ("weather", "done", "fine in there")],
            ["First the clock.", "It is fine in there."],
        ),
        ("broken", [("weather", "done", "no JSON")], ["It is no JSON."]),
        ("misfit", [("weather", "done", "no city")], ["It is no city."]),
    ],
)
async def test_calls_are_made_and_answered(
    tmp_path: Path, text: str, made: list[tuple[str, str, str]], words: list[str]
) -> None:
    view = await scripted(tmp_path).say(text)
    assert (calls(view), said(view), errors(view)) == (made, words, [])
    assert not view.is_busy


async def test_arguments_that_are_no_json_arrive_as_they_are(tmp_path: Path) -> None:
    view = await scripted(tmp_path).say("broken")
    assert view.calls[0].arguments == "{not json"


async def test_parallel_calls_are_answered_together(tmp_path: Path) -> None:
    talk = scripted(tmp_path)
    view = await talk.say("both")
    assert [call.state for call in view.calls][:2] == ["done", "done"]
    assert talk.types.count("response.created") == 3  # the clock's output asks for the weather
    assert view.turns == 1


async def test_an_unknown_tool_is_the_tools_business(tmp_path: Path) -> None:
    talk = scripted(tmp_path)
    view = await talk.say("unknown")
    assert view.calls[0].state == "pending"
    (held,) = talk.held
    view = await talk.happen(ToolFinished(held.call_id, '{"error": "no such tool"}', "failed"))
    assert said(view) == ['It is {"error": "no such tool"}.']


async def test_the_user_may_talk_while_a_call_runs(tmp_path: Path) -> None:
    talk = scripted(tmp_path)
    await talk.say("slow")
    (held,) = talk.held
    await talk.happen(ToolStarted(held.call_id))
    await talk.say("meanwhile")
    view = await talk.happen(ToolFinished(held.call_id, "late"))
    assert said(view) == ["I am still waiting.", "It is late."]
    assert errors(view) == []


async def test_a_session_with_an_mcp_server_is_told_its_tools(tmp_path: Path) -> None:
    view = await scripted(tmp_path, tools=[DOCS]).happen()
    item = only(view, "mcp_list_tools")
    assert (item.status, item.name, item.output) == ("completed", "docs", "search, fetch")
    assert item.ended_s is not None


async def test_an_mcp_server_that_the_script_does_not_know_cannot_be_listed(tmp_path: Path) -> None:
    view = await scripted(tmp_path, tools=[{**DOCS, "server_label": "other"}]).happen()
    assert only(view, "mcp_list_tools").status == "failed"


async def test_an_mcp_call_is_made_by_the_server_and_spoken_of_in_the_same_answer(tmp_path: Path) -> None:
    view = await scripted(tmp_path, tools=[DOCS]).say("search")
    item = only(view, "mcp_call")
    assert (item.status, item.output, item.arguments) == ("completed", "3 pages", '{"q": "tomatoes"}')
    assert item.ended_s is not None
    assert (said(view), view.turns, view.calls) == (["Found 3 pages."], 1, ())


async def test_an_mcp_call_that_fails_is_told(tmp_path: Path) -> None:
    view = await scripted(tmp_path, tools=[DOCS]).say("fail to search")
    item = only(view, "mcp_call")
    assert (item.status, item.error) == ("failed", "no index")
    assert said(view) == ["Found no index."]


@pytest.mark.parametrize(
    ("approves", "approval", "status", "words"),
    [(True, "approved", "completed", "Found the page."), (False, "denied", "incomplete", "Then not.")],
)
async def test_an_mcp_call_waits_for_the_users_verdict(
    tmp_path: Path, approves: bool, approval: str, status: str, words: str
) -> None:
    talk = scripted(tmp_path, tools=[DOCS])
    view = await talk.say("ask first")
    request = only(view, "mcp_approval_request")
    assert (request.approval, request.server_label, request.name) == ("waiting", "docs", "fetch")
    assert view.is_busy
    view = await talk.happen(ApprovalGiven(request.id, approves))
    assert only(view, "mcp_approval_request").approval == approval
    assert only(view, "mcp_call").status == status
    assert (said(view), view.turns, errors(view)) == (["Let me ask.", words], 1, [])
    assert not view.is_busy


def function(name: str, **properties: object) -> dict[str, object]:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "name": name, "parameters": schema}


async def test_the_rules_brain_calls_one_several_and_one_after_the_other() -> None:
    tools = [function("weather", city={"type": "string"}), function("clock")]
    talk = TwoCores(RulesBrain(), run={"weather": weather, "clock": clock}, tools=tools)
    view = await talk.say("weather in Paris")
    assert calls(view) == [("weather", "done", "fine in Paris")]
    view = await talk.say("clock and weather in Rome")
    assert [name for name, _, _ in calls(view)][1:] == ["clock", "weather"]
    assert view.turns == 2
    view = await talk.say("weather in Oslo, then the clock")
    assert [name for name, _, _ in calls(view)][3:] == ["weather", "clock"]
    assert view.turns == 3
