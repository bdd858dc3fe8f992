"""Whatever a server tells, and when: one start for each call, one output for each end, one answer to all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.effects import CancelTool, Effect, SendEvent, StartTool
from realtime_cli.core.inputs import (
    ApprovalGiven,
    ApprovalWanted,
    ConnectionLost,
    ConnectionOpened,
    QuitRequested,
    SessionInput,
    ToolCancelRequested,
    ToolFinished,
    ToolProgress,
    ToolStarted,
    UserEvent,
    UserText,
)
from realtime_cli.core.session import Session
from realtime_cli.core.view import CallState
from realtime_cli.protocol.client_events import ConversationItemCreate, ResponseCreate
from realtime_cli.protocol.items import FunctionCallOutput
from tests.support.builders import (
    event,
    function_call,
    item_added,
    message,
    response_created,
    response_done,
)

CALLS = ("1", "2", "3")
RESPONSES = ("a", "b")
ORDER: dict[CallState, int] = {
    "collecting": 0,
    "pending": 1,
    "awaiting_approval": 2,
    "running": 3,
    "done": 4,
    "failed": 4,
    "denied": 4,
    "cancelled": 4,
}


def told(number: str, response: str) -> list[SessionInput]:
    """Everything that a server may say of a call, in every way."""
    whole = function_call(f"fc_{number}", call_id=f"call_{number}", arguments="{}", status="completed")
    place = {"response_id": f"resp_{response}", "item_id": f"fc_{number}"}
    named = {**place, "call_id": f"call_{number}", "arguments": "{}"}
    return [
        event(
            "response.output_item.added",
            response_id=f"resp_{response}",
            item={**whole, "status": "in_progress", "arguments": ""},
        ),
        event("response.function_call_arguments.done", **named),
        event("response.function_call_arguments.done", **named, name="weather"),
        event("response.output_item.done", response_id=f"resp_{response}", item=whole),
        event("conversation.item.done", item=whole),
        response_done(f"resp_{response}", output=[whole]),
        response_done(f"resp_{response}", status="cancelled", output=[{**whole, "status": "incomplete"}]),
    ]


SERVER = st.sampled_from(
    [
        *(each for number in CALLS for response in RESPONSES for each in told(number, response)),
        *(response_created(f"resp_{response}") for response in RESPONSES),
        *(response_done(f"resp_{response}") for response in RESPONSES),
        *(
            item_added(
                {"id": f"out_{n}", "type": "function_call_output", "call_id": f"call_{n}", "output": "theirs"}
            )
            for n in CALLS
        ),
        event("input_audio_buffer.speech_started"),
        event("input_audio_buffer.speech_stopped"),
        event("input_audio_buffer.committed", item_id="user_1"),
        item_added(message("msg_1")),
    ]
)
CALL_IDS = st.sampled_from([f"call_{number}" for number in CALLS])
TOOLS = (
    st.builds(ToolStarted, CALL_IDS)
    | st.builds(ToolProgress, CALL_IDS, st.just("half"))
    | st.builds(ApprovalWanted, CALL_IDS)
    | st.builds(ApprovalGiven, CALL_IDS, st.booleans())
    | st.builds(ToolCancelRequested, CALL_IDS | st.just(""))
    | st.builds(
        ToolFinished, CALL_IDS, st.just("x"), st.sampled_from(["done", "failed", "denied", "cancelled"])
    )
)
PEOPLE = st.just(UserText("meanwhile?"))
ENDS = st.sampled_from([QuitRequested(), ConnectionLost(1006)])
often = settings(max_examples=200, deadline=None)


def equipped() -> Session:
    session = Session(has_tools=True)
    session.receive(ConnectionOpened(), 0.0)
    session.receive(event("session.created"), 0.0)
    return session


def outputs(effects: Iterable[Effect]) -> list[str]:
    sent = [effect.event for effect in effects if isinstance(effect, SendEvent)]
    items = [each.item for each in sent if isinstance(each, ConversationItemCreate)]
    return [item.call_id or "" for item in items if isinstance(item, FunctionCallOutput)]


def asks(effects: Iterable[Effect]) -> int:
    return sum(isinstance(each, SendEvent) and isinstance(each.event, ResponseCreate) for each in effects)


@often
@given(st.lists(SERVER | TOOLS | PEOPLE, max_size=60), st.lists(ENDS, max_size=1))
def test_every_call_is_started_once_and_every_end_sent_once(
    happened: list[SessionInput], ends: list[SessionInput]
) -> None:
    session = equipped()
    started, sent, stopped = Counter[str](), Counter[str](), Counter[str]()
    for number, each in enumerate([*happened, *ends, *happened]):
        before: dict[str, CallState] = {call.call_id: call.state for call in session.view().calls}
        effects = session.receive(each, 1 + number / 8)
        started.update(effect.call_id for effect in effects if isinstance(effect, StartTool))
        stopped.update(effect.call_id for effect in effects if isinstance(effect, CancelTool))
        sent.update(outputs(effects))
        for call in session.view().calls:
            was: CallState = before.get(call.call_id, "collecting")
            assert ORDER[was] < ORDER[call.state] or was == call.state
    for counter in (started, sent, stopped):
        assert all(count == 1 for count in counter.values())
    if ends:
        assert not session.view().is_busy or ends == [QuitRequested()]
        assert not any(call.state in ("running", "awaiting_approval") for call in session.view().calls)


@often
@given(st.lists(SERVER | TOOLS | PEOPLE, max_size=60))
def test_an_answer_is_asked_for_only_while_none_is_active(happened: list[SessionInput]) -> None:
    session = equipped()
    for number, each in enumerate(happened):
        effects = session.receive(each, 1 + number / 8)
        asked = asks(effects)
        assert asked <= 1
        if asked:
            assert not any(answer.is_active for answer in session.view().responses)


# How many calls, the order in which they end, and how many of them do so before their answer.
PARALLEL = st.integers(1, 5).flatmap(
    lambda count: st.tuples(st.permutations(range(count)), st.integers(0, count))
)


@often
@given(PARALLEL, st.data())
def test_the_calls_of_an_answer_get_one_answer_and_their_outputs_stand_in_their_order(
    plan: tuple[list[int], int], data: st.DataObject
) -> None:
    """Tools end in any order, some of them before the answer does; the server confirms whenever it likes."""
    order, early = plan
    session, server = calling(len(order))
    for place, number in enumerate(order):
        if place == early:
            server.take(session.receive(response_done("resp_a"), 2.0))
        assert server.asked == 0
        server.take(session.receive(ToolFinished(f"call_{number}", "x"), 3.0))
        server.tell(session, data.draw(st.integers(0, 5)))
    if early == len(order):
        server.take(session.receive(response_done("resp_a"), 4.0))
    assert server.asked == 1
    assert server.outputs == [f"out_{number}" for number in range(len(order))]


@often
@given(PARALLEL, st.data())
def test_outputs_stand_in_their_order_whatever_the_user_says_meanwhile(
    plan: tuple[list[int], int], data: st.DataObject
) -> None:
    """What is said meanwhile is answered with what is known; the server confirms at once."""
    order, turn = plan
    session, server = calling(len(order))
    server.take(session.receive(response_done("resp_a"), 2.0))
    for place, number in enumerate(order):
        server.take(session.receive(ToolFinished(f"call_{number}", "x"), 3.0))
        server.tell(session, 9)
        if place == turn:
            server.take(session.receive(data.draw(TURNS), 3.0))
            server.tell(session, 9)
            assert len(server.outputs) == place + 1
    assert server.outputs == [f"out_{number}" for number in range(len(order))]


TURNS = st.sampled_from(
    [
        UserText("meanwhile?"),
        event("input_audio_buffer.speech_started"),
        UserEvent('{"type":"response.create"}'),
    ]
)


def calling(count: int) -> tuple[Session, Conversation]:
    """A session whose answer makes so many calls, and its server."""
    session, server = equipped(), Conversation()
    session.receive(response_created("resp_a"), 1.0)
    for number in range(count):
        session.receive(told(str(number), "a")[3], 1.0)
        server.items.append(f"fc_{number}")
    return session, server


class Conversation:
    """The items as the server orders them, and what it has not told of yet."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.asked = 0
        self._untold: list[SessionInput] = []

    @property
    def outputs(self) -> list[str]:
        return [item for item in self.items if item.startswith("out_")]

    def take(self, effects: Iterable[Effect]) -> None:
        """What a client sends; a place that the server does not know would be refused."""
        for effect in effects:
            if not isinstance(effect, SendEvent):
                continue
            self.asked += isinstance(effect.event, ResponseCreate)
            if isinstance(effect.event, ConversationItemCreate):
                self._add(effect.event)

    def tell(self, session: Session, count: int) -> None:
        """So many confirmations come to the client."""
        news, self._untold = self._untold[:count], self._untold[count:]
        for each in news:
            self.take(session.receive(each, 3.0))

    def _add(self, create: ConversationItemCreate) -> None:
        item = create.item.to_wire()
        item_id = item.setdefault("id", f"out_{str(item.get('call_id')).removeprefix('call_')}")
        after = create.previous_item_id
        place = len(self.items) if after is None else self.items.index(after) + 1
        self.items.insert(place, item_id)
        self._untold.append(item_added(item, after=self.items[place - 1] if place else None))
