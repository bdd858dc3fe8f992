"""What the server does at MCP servers, as a client sees it; and approvals, which it asks for."""

from __future__ import annotations

import pytest

from realtime_cli.core.inputs import ApprovalGiven, ConnectionLost, SessionInput, UserText
from realtime_cli.core.patience import PATIENCE_S
from realtime_cli.core.session import Session
from realtime_cli.core.view import ItemView, Marks
from realtime_cli.protocol.codec import ServerEvent
from tests.support.builders import (
    event,
    greeted,
    item_added,
    response_created,
    response_done,
    sends,
    text_delta,
)
from tests.support.playbook import listen, play, then, when

REQUEST: dict[str, object] = {
    "id": "mcpr_1",
    "type": "mcp_approval_request",
    "server_label": "docs",
    "name": "search",
    "arguments": "{}",
}


def call(**fields: object) -> dict[str, object]:
    return {
        "id": "mcp_1",
        "type": "mcp_call",
        "server_label": "docs",
        "name": "search",
        "arguments": "",
        **fields,
    }


def step(name: str) -> ServerEvent:
    return event(f"response.mcp_call.{name}", item_id="mcp_1", output_index=0)


def part(name: str, **fields: object) -> ServerEvent:
    return event(f"response.mcp_call_arguments.{name}", response_id="resp_1", item_id="mcp_1", **fields)


def output_item(name: str, item: dict[str, object]) -> ServerEvent:
    return event(f"response.output_item.{name}", response_id="resp_1", output_index=0, item=item)


def item_done(item: dict[str, object]) -> ServerEvent:
    return event("conversation.item.done", item=item)


def called(end: str, done: dict[str, object]) -> ItemView:
    """A whole call, which begins at 1 s and ends at 2.5 s."""
    view = play(
        greeted(),
        when(response_created()),
        when(output_item("added", call(status="in_progress"))),
        when(part("delta", delta='{"q":')),
        when(part("done", arguments='{"q":1}')),
        when(step("in_progress"), at=1.0),
        when(step(end), at=2.5),
        when(event("conversation.item.done", item=done)),
        when(output_item("done", done)),
        when(response_done(output=[done])),
    )
    (item,) = view.items
    return item


def test_a_call_ends_with_its_output_and_its_times() -> None:
    item = called("completed", call(arguments='{"q":1}', output="3 pages"))
    assert (item.kind, item.server_label, item.name, item.arguments) == (
        "mcp_call",
        "docs",
        "search",
        '{"q":1}',
    )
    assert (item.status, item.output, item.error) == ("completed", "3 pages", "")
    assert (item.began_s, item.ended_s) == (1.0, 2.5)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"type": "tool_execution_error", "message": "no index"}, "no index"),
        ({"type": "http_error", "code": 500}, "http_error"),
        ({"code": 500}, "failed"),
        ("broken", "broken"),
    ],
)
def test_a_call_that_fails_stays_failed_and_says_why(error: object, words: str) -> None:
    item = called("failed", call(arguments="{}", error=error, status="completed"))
    assert (item.status, item.error, item.output) == ("failed", words, words)
    assert (item.began_s, item.ended_s) == (1.0, 2.5)


def listing(*ends: tuple[str, float], tools: list[dict[str, str]]) -> ItemView:
    session = greeted()
    listen(session, event("mcp_list_tools.in_progress", item_id="mcpl_1"))
    for name, at_s in ends:
        session.receive(event(f"mcp_list_tools.{name}", item_id="mcpl_1"), at_s)
    item = {"id": "mcpl_1", "type": "mcp_list_tools", "server_label": "docs", "tools": tools}
    (view,) = listen(session, event("conversation.item.done", item=item)).items
    return view


def test_a_listing_is_in_progress_until_its_tools_are_known() -> None:
    session = greeted()
    listen(session, event("mcp_list_tools.in_progress", item_id="mcpl_1"))
    (item,) = listen(session, event("mcp_list_tools.completed", item_id="mcpl_1")).items
    assert (item.kind, item.status) == ("mcp_list_tools", "in_progress")
    item = listing(("completed", 0.5), tools=[{"name": "search"}, {"name": "fetch"}])
    assert (item.status, item.name, item.output) == ("completed", "docs", "search, fetch")
    assert (item.began_s, item.ended_s) == (0.0, 0.5)


def test_a_listing_whose_tools_are_told_first_is_complete() -> None:
    session = greeted()
    item = {"id": "mcpl_1", "type": "mcp_list_tools", "server_label": "docs", "tools": [{"name": "search"}]}
    listen(session, event("conversation.item.added", item=item))
    (view,) = listen(session, event("mcp_list_tools.completed", item_id="mcpl_1")).items
    assert view.status == "completed"


def test_a_listing_without_tools_is_complete_and_a_failed_one_stays_failed() -> None:
    assert listing(("completed", 0.5), tools=[]).status == "completed"
    failed = listing(("failed", 0.5), tools=[])
    assert (failed.status, failed.ended_s) == ("failed", 0.5)


def test_steps_without_an_item_change_nothing() -> None:
    view = listen(
        greeted(),
        event("mcp_list_tools.in_progress"),
        event("mcp_list_tools.completed"),
        event("response.mcp_call.in_progress"),
        event("response.mcp_call.completed"),
    )
    assert view.items == ()


def asked() -> Session:
    session = greeted()
    listen(session, response_created(), output_item("added", call()), item_added(REQUEST))
    return session


def approvals(session: Session) -> list[str]:
    return [item.approval for item in session.view().items if item.kind == "mcp_approval_request"]


@pytest.mark.parametrize(("approves", "approval"), [(True, "approved"), (False, "denied")])
def test_a_verdict_goes_to_the_server_once_and_nothing_else_is_needed(approves: bool, approval: str) -> None:
    session = asked()
    assert approvals(session) == ["waiting"]
    response = {
        "id": "mcpa_user_1",
        "type": "mcp_approval_response",
        "approval_request_id": "mcpr_1",
        "approve": approves,
    }
    play(
        session,
        when(ApprovalGiven("mcpr_1", approves)),
        then(sends("conversation.item.create", item=response)),
        when(ApprovalGiven("mcpr_1", not approves)),
        when(item_added(response, after="mcpr_1")),
        when(event("conversation.item.done", item=REQUEST)),
        when(response_done()),
    )
    assert approvals(session) == [approval]
    assert not session.expects_answers


def test_a_verdict_of_another_client_answers_the_request() -> None:
    session = asked()
    response = {"id": "x", "type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True}
    listen(session, item_added(response))
    assert approvals(session) == ["approved"]
    play(session, when(ApprovalGiven("mcpr_1", approves=False)))


def test_a_verdict_about_nothing_is_not_sent() -> None:
    session = greeted()
    response = {"id": "x", "type": "mcp_approval_response", "approval_request_id": "gone", "approve": True}
    listen(session, item_added(response))
    play(session, when(ApprovalGiven("mcpr_1", approves=True)), when(ApprovalGiven("x", approves=True)))


def decided(request_id: str = "mcpr_1") -> ServerEvent:
    """Another client of the session has answered a request."""
    response = {"id": f"mcpa_{request_id}", "type": "mcp_approval_response", "approve": True}
    return item_added({**response, "approval_request_id": request_id})


OTHER_REQUEST = {**REQUEST, "id": "mcpr_2"}
YES = ApprovalGiven("mcpr_1", approves=True)


@pytest.mark.parametrize(
    ("wait", "waited_ms", "pauses"),
    [
        ([], 12_000, ()),
        ([(2.0, item_added(REQUEST)), (10.0, YES)], 4_000, ((2.0, 10.0),)),
        ([(2.0, item_added(REQUEST)), (10.0, decided()), (10.5, YES)], 4_000, ((2.0, 10.0),)),
        ([(2.0, output_item("added", REQUEST)), (10.0, YES)], 4_000, ((2.0, 10.0),)),
        ([(2.0, item_added(REQUEST)), (3.0, item_done(REQUEST)), (10.0, YES)], 4_000, ((2.0, 10.0),)),
        ([(2.0, item_added(REQUEST)), (10.0, YES), (11.0, item_done(REQUEST))], 4_000, ((2.0, 10.0),)),
        (
            [
                (2.0, item_added(REQUEST)),
                (4.0, item_added(OTHER_REQUEST)),
                (5.0, YES),
                (8.0, decided("mcpr_2")),
            ],
            6_000,
            ((2.0, 8.0),),
        ),
        (
            [
                (2.0, item_added(REQUEST)),
                (4.0, YES),
                (5.0, item_added(OTHER_REQUEST)),
                (8.0, decided("mcpr_2")),
            ],
            7_000,
            ((2.0, 4.0), (5.0, 8.0)),
        ),
        ([(2.0, item_added(REQUEST)), (10.0, decided("mcpr_9"))], 12_000, ()),
    ],
)
def test_the_wait_for_a_persons_approval_is_nobodys_latency(
    wait: list[tuple[float, SessionInput]], waited_ms: int, pauses: tuple[tuple[float, float], ...]
) -> None:
    session = greeted()
    session.receive(UserText("search"), 0.5)
    session.receive(response_created(), 1.0)
    for at, each in wait:
        session.receive(each, at)
    session.receive(text_delta("Found."), 12.5)
    view = play(session, when(response_done(), at=13.0))
    marks = view.responses[0].marks
    assert (marks.since_start_ms("first_text"), marks.pauses) == (waited_ms, pauses)
    assert marks.since_start_ms("response_created") == 500
    assert marks.since_start_ms("done") == waited_ms + 500


def test_what_is_said_before_or_while_a_person_is_asked_is_not_sooner_for_that() -> None:
    marks = Marks("text", 1.0, response_created=1.5, first_text=2.0, first_audio=6.0, pauses=((4.0, 9.0),))
    assert [marks.since_start_ms(name) for name in ("first_text", "first_audio")] == [1000, 3000]


def test_a_request_outside_of_an_answer_or_without_a_name_holds_nothing_up() -> None:
    unnamed = {name: value for name, value in REQUEST.items() if name != "id"}
    view = listen(greeted(), item_added(REQUEST), response_created(), item_added(unnamed), response_done())
    assert view.responses[0].marks.pauses == ()


def test_who_is_asked_is_not_told_that_the_server_is_silent() -> None:
    session = asked()
    assert session.next_deadline() is None
    session.receive(YES, 16.0)
    assert session.next_deadline() == 16.0 + PATIENCE_S


def test_a_verdict_after_the_end_is_not_sent() -> None:
    session = asked()
    listen(session, ConnectionLost(1006))
    play(session, when(ApprovalGiven("mcpr_1", approves=True)))
    assert approvals(session) == ["waiting"]
