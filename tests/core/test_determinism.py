"""Whatever comes, in whatever order: never an exception, always the same, and never two answers at once."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime_cli.core.effects import Effect, SendEvent
from realtime_cli.core.inputs import (
    CancelRequested,
    ConnectionFailed,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    EventSent,
    LocalInput,
    QuitRequested,
    RenewRequested,
    SessionInput,
    ToolFinished,
    UserEvent,
    UserText,
    from_json,
    to_json,
)
from realtime_cli.core.responses import is_outside
from realtime_cli.core.session import Session
from realtime_cli.core.view import TokenCounts
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.client_events import ConversationItemCreate, ResponseCreate
from realtime_cli.protocol.codec import MalformedEvent, decode
from tests.support.builders import event, refusal, response_created, response_done
from tests.support.recordings import RECORDINGS, recorded

ALL_RECORDED = [happened for name in RECORDINGS for happened in recorded(name)]
CALL_IDS = sorted(
    {h.call_id for h in ALL_RECORDED if isinstance(h, server.ResponseFunctionCallArgumentsDone) and h.call_id}
)
ODD = [
    event("session.created"),
    event("response.created"),
    event("response.done"),
    event("response.output_text.delta", delta="x"),
    event("response.function_call_arguments.done", name="f", arguments="{}"),
    event("response.output_item.done", item={"type": "function_call", "name": "g", "call_id": "call_g"}),
    event("conversation.item.added", item={"type": "message"}),
    event("conversation.item.deleted"),
    event("input_audio_buffer.committed"),
    response_created("resp_odd", conversation_id=None, metadata={"a": "b"}),
    response_done("resp_odd", status="cancelled", status_details="odd"),
    refusal("conversation_already_has_active_response"),
    refusal("response_cancel_not_active"),
    refusal("invalid_value", event_id="event_1"),
    refusal(),
    decode(b"\x00"),
    decode("[]"),
    event("no.such.event"),
]
RAW = [
    '{"type":"response.create"}',
    '{"type":"response.create","response":{"conversation":"none","metadata":{"a":"b"}}}',
    '{"type":"conversation.item.create","previous_item_id":"root","item":{"type":"message","role":"user"}}',
    '{"type":"response.cancel"}',
    "not JSON",
]
LOCAL = (
    st.sampled_from(
        [
            ConnectionOpened(),
            ConnectionLost(1006),
            ConnectionFailed("nobody there"),
            RenewRequested(),
            CancelRequested(),
            QuitRequested(),
            DeadlineReached(),
        ]
    )
    | st.builds(UserText, st.text(max_size=5))
    | st.builds(UserEvent, st.sampled_from(RAW))
    | st.builds(ToolFinished, st.sampled_from([*CALL_IDS, "call_g", "none"]), st.just("out"))
)
HEARD = st.sampled_from(ALL_RECORDED) | st.sampled_from(ODD)
ANYTHING = st.lists(LOCAL | HEARD | HEARD, max_size=60)
# A connection that stays, with a person and tools that talk, and a server that says anything.
TALK = (
    st.builds(UserText, st.text(max_size=5))
    | st.just(CancelRequested())
    | st.just(DeadlineReached())
    | st.builds(ToolFinished, st.sampled_from([*CALL_IDS, "call_g"]), st.just("out"))
)
CONVERSATION = st.lists(TALK | HEARD, max_size=60)
often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def run(session: Session, happened: Sequence[SessionInput], *, start: float = 0.0) -> list[list[Effect]]:
    return [session.receive(each, start + number / 8) for number, each in enumerate(happened)]


def connected() -> Session:
    session = Session()
    run(session, [ConnectionOpened(), event("session.created")])
    return session


def sent_events(effects: Sequence[Effect]) -> list[object]:
    return [effect.event for effect in effects if isinstance(effect, SendEvent)]


def asks(effects: Sequence[Effect]) -> int:
    """How many answers of the conversation the session asks for by itself."""
    return sum(
        isinstance(effect, SendEvent)
        and effect.raw is None
        and isinstance(effect.event, ResponseCreate)
        and not is_outside(effect.event)
        for effect in effects
    )


@often
@given(ANYTHING)
def test_nothing_raises_and_two_runs_are_equal(happened: list[SessionInput]) -> None:
    one, other = (Session({"instructions": "x"}, reconnects=True) for _ in range(2))
    assert run(one, happened) == run(other, happened)
    assert one.view() == other.view()
    assert one.next_deadline() == other.next_deadline()


@often
@given(ANYTHING, st.integers(0, 59))
def test_looking_changes_nothing(happened: list[SessionInput], every: int) -> None:
    seen, unseen = Session(reconnects=True), Session(reconnects=True)
    for number, each in enumerate(happened):
        assert seen.receive(each, number / 8) == unseen.receive(each, number / 8)
        if number % (every + 1) == 0:
            seen.view()
    assert seen.view() == unseen.view()


@often
@given(ANYTHING)
def test_the_view_adds_up(happened: list[SessionInput]) -> None:
    session = Session(reconnects=True)
    effects = [effect for each in run(session, happened) for effect in each]
    view, counters = session.view(), session.view().counters
    heard = [h for h in happened if not isinstance(h, LocalInput | EventSent)]
    noted = sum(isinstance(h, EventSent) for h in happened)
    assert counters.events_in == len(heard)
    assert counters.malformed == sum(isinstance(h, MalformedEvent) for h in heard)
    assert counters.events_out == len(sent_events(effects)) + noted
    assert counters.unknown <= counters.events_in
    assert view.tokens == sum((r.usage or TokenCounts() for r in view.responses), TokenCounts())
    assert len({item.id for item in view.items}) == len(view.items)
    assert len({call.call_id for call in view.calls}) == len(view.calls)
    assert len({response.id for response in view.responses}) == len(view.responses)
    assert view.turns <= len(view.responses)
    assert sum(r.is_active for r in view.responses if r.in_conversation) <= 1


@often
@given(
    st.lists(LOCAL.filter(lambda local: not isinstance(local, DeadlineReached | QuitRequested)), max_size=20)
)
def test_nothing_is_sent_before_the_greeting(happened: list[LocalInput]) -> None:
    assert sent_events([effect for each in run(Session({"x": 1}), happened) for effect in each]) == []


@often
@given(CONVERSATION)
def test_never_two_requests_of_the_conversation_are_under_way(happened: list[SessionInput]) -> None:
    session = connected()
    under_way = False
    for number, each in enumerate(happened):
        before = in_conversation(session)
        effects = session.receive(each, 1 + number / 8)
        if isinstance(each, server.Error | MalformedEvent) or in_conversation(session) != before:
            under_way = False  # it was refused, or it was answered
        asked = asks(effects)
        assert asked + under_way <= 1
        if asked:
            assert not any(r.is_active for r in session.view().responses if r.in_conversation)
        under_way = under_way or bool(asked)


@often
@given(CONVERSATION)
def test_with_a_server_that_answers_every_turn_is_answered_and_quiet_comes(
    happened: list[SessionInput],
) -> None:
    session = connected()
    heard = [each for each in happened if not isinstance(each, EventSent)]
    log = [effect for each in run(session, [*heard, UserText("last")], start=1.0) for effect in each]
    for number in range(100):
        if not session.is_busy:
            break
        for step in cooperation(session, number):
            log += session.receive(step, 100.0 + 10 * number)
    assert not session.is_busy
    kinds = [type(sent) for sent in sent_events(log)]
    last_item = len(kinds) - 1 - kinds[::-1].index(ConversationItemCreate)
    assert ResponseCreate in kinds[last_item:]


def cooperation(session: Session, number: int) -> list[SessionInput]:
    """What a willing server and willing tools do next: end answers, finish calls, else begin an answer."""
    view = session.view()
    ends: list[SessionInput] = [response_done(r.id) for r in view.responses if r.is_active]
    outputs = [ToolFinished(call.call_id, "out") for call in view.calls if call.state == "pending"]
    return [*ends, *outputs] or [DeadlineReached(), response_created(f"resp_end_{number}")]


def in_conversation(session: Session) -> list[tuple[str, bool]]:
    return [(r.id, r.is_active) for r in session.view().responses if r.in_conversation]


@often
@given(st.lists(LOCAL, max_size=20))
def test_local_inputs_from_a_log_have_the_same_effects(happened: list[LocalInput]) -> None:
    again = [local for each in happened if (local := from_json(to_json(each))) is not None]
    greeting = [ConnectionOpened(), event("session.created")]
    live, replayed = Session(), Session()
    assert run(live, [*greeting, *happened]) == run(replayed, [*greeting, *again])
    assert live.view() == replayed.view()
