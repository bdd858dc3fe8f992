"""A client that is cut off at any moment, and servers that begin anew: nothing is lost, nothing twice."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.answers import AnswerPart, Call, Prompt, Say
from realtime_cli.core.effects import CancelTool, Connect, Effect, SendEvent, StartTool
from realtime_cli.core.inputs import (
    CancelRequested,
    ConnectionFailed,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    LocalInput,
    RenewRequested,
    SessionInput,
    ToolFinished,
    ToolStarted,
    UserText,
    from_json,
    to_json,
)
from realtime_cli.core.responder import (
    AnswerFinished,
    AnswerPartReady,
    Responder,
    ResponderConfig,
    ResponderEffect,
    ResponderInput,
    Send,
    StartAnswer,
    StopAnswer,
)
from realtime_cli.core.session import Session
from realtime_cli.protocol.codec import decode, decode_client, encode

NOW_S = 1_800_000_000.0
CONFIG = {"output_modalities": ["text"], "instructions": "Be kind."}
# What is refused where two things happen at once, and harms nobody.
RACES = {"response_cancel_not_active"}
often = settings(max_examples=100, deadline=None)


@dataclass(frozen=True)
class Manners:
    """How a server names things and what it says of them.

    It `counts_anew` in each session, and what others have named gets a name of its own; it `is_silent` about
    items.
    """

    counts_anew: bool = False
    is_silent: bool = False


class Server:
    """One connection's end: frames wait in both directions, and a brain thinks in steps."""

    def __init__(self, manners: Manners, number: int) -> None:
        self._manners = manners
        self._responder = Responder(ResponderConfig(seed="t" if manners.counts_anew else f"t{number}"))
        self._parts: deque[tuple[str, AnswerPart | None]] = deque()
        self.up: deque[str] = deque()
        self.down: deque[str] = deque()
        self.heard: list[str] = []
        self.prompts: list[Prompt] = []
        self._carry_out(self._responder.connected(NOW_S))

    @property
    def is_at_rest(self) -> bool:
        return not (self.up or self.down or self._parts)

    def hear(self) -> None:
        """The next frame of the client's arrives."""
        if not self.up:
            return
        frame = json.loads(self.up.popleft())
        self.heard.append(frame["type"])
        if self._manners.counts_anew and not frame.get("item", {}).get("id", "msg_user").startswith(
            "msg_user"
        ):
            del frame["item"]["id"]
        self._serve(decode_client(json.dumps(frame)))

    def think(self) -> None:
        """The brain has a little more to say."""
        if self._parts:
            response_id, part = self._parts.popleft()
            self._serve(AnswerFinished(response_id) if part is None else AnswerPartReady(response_id, part))

    def _serve(self, happened: ResponderInput) -> None:
        self._carry_out(self._responder.receive(happened, NOW_S))

    def _carry_out(self, effects: list[ResponderEffect]) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                frame = encode(effect.event) or ""
                if not (self._manners.is_silent and '"type":"conversation.item' in frame.replace(" ", "")):
                    self.down.append(frame)
            elif isinstance(effect, StartAnswer):
                self.prompts.append(effect.prompt)
                self._parts.extend((effect.response_id, part) for part in answer(effect.prompt))
            elif isinstance(effect, StopAnswer):
                left = [each for each in self._parts if each[0] != effect.response_id]
                self._parts = deque(left)


def answer(prompt: Prompt) -> Iterator[AnswerPart | None]:
    """Two calls where the user wants that; else words that nobody else says. None: the end."""
    last = prompt.turns[-1]
    if last.role == "user" and last.text.startswith("call"):
        yield Say("Let me see.")
        yield Call("f", '{"a":1}')
        yield Call("g", "{}")
    else:
        yield Say(f"About {last.text}: ")
        yield Say("so it is.")
    yield None


@dataclass
class Talk:
    """A client, the servers that it meets, and all that happens to it."""

    manners: Manners
    session: Session = field(default_factory=lambda: Session(CONFIG, has_tools=True, reconnects=True))
    servers: list[Server] = field(default_factory=list)
    happened: list[tuple[float, str | LocalInput]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    tools: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    now: float = 0.0
    is_dialling: bool = True
    is_greeted: bool = False

    def step(self, what: str) -> None:  # noqa: C901  (one flat match)
        """Something happens, as far as it can now."""
        match what:
            case "open" if self.is_dialling:
                self.is_dialling = False
                self.servers.append(Server(self.manners, len(self.servers)))
                self.happen(ConnectionOpened())
            case "fail" if self.is_dialling and self.servers and self.retries < 3:
                self.is_dialling = False
                self.happen(ConnectionFailed("nobody there"))
            case "drop" if self.is_connected:
                self.lose(ConnectionLost(1006))
            case "renew" if self.is_connected:
                self.happen(RenewRequested())
                if self.is_greeted:
                    self.lose(ConnectionLost(1000, by_us=True))
            case "wait" if self.is_greeted or not self.is_connected:  # else it would speak first
                deadline = self.session.next_deadline()
                self.now = self.now if deadline is None else max(self.now, deadline)
                self.happen(DeadlineReached())
            case "up" if self.is_connected:
                self.servers[-1].hear()
            case "down" if self.is_connected and self.servers[-1].down:
                self.hear(self.servers[-1].down.popleft())
            case "think" if self.is_connected:
                self.servers[-1].think()
            case "type" | "call":
                self.typed.append(f"{what} {len(self.typed)}")
                self.happen(UserText(self.typed[-1]))
            case "cancel":
                self.happen(CancelRequested())
            case "tool" if self.tools:
                call_id = self.tools.pop(0)
                self.happen(ToolStarted(call_id))
                self.happen(ToolFinished(call_id, f"output of {call_id}"))
            case _:
                pass

    @property
    def is_connected(self) -> bool:
        return self.session.connection == "open"

    @property
    def retries(self) -> int:
        retry = self.session.view().retry
        return retry.tries if retry else 0

    def lose(self, lost: ConnectionLost) -> None:
        self.now += 31.0  # it was a good connection
        self.happen(lost)

    def hear(self, frame: str) -> None:
        self.is_greeted = True
        told = json.loads(frame)
        if told["type"] == "error":
            self.refusals.append(told["error"]["code"] or told["error"]["message"])
        self.happened.append((self.now, frame))
        self._carry_out(self.session.receive(decode(frame), self.now))

    def happen(self, local: LocalInput) -> None:
        self.is_greeted = self.is_greeted and not isinstance(local, ConnectionLost)
        self.happened.append((self.now, local))
        self._carry_out(self.session.receive(local, self.now))

    def settle(self) -> None:
        """Everything takes its course, until nobody has more to say."""
        for _ in range(2000):
            if self.is_connected and self.servers[-1].is_at_rest and not self.tools and self.is_greeted:
                assert set(self.refusals) <= RACES
                return
            for what in ("open", "up", "down", "think", "tool"):
                self.step(what)
            if self.session.connection == "reconnecting" and not self.is_dialling:
                self.step("wait")
        raise AssertionError("there is no end to it")

    def _carry_out(self, effects: list[Effect]) -> None:
        self.now += 0.01
        self.effects += effects
        for effect in effects:
            match effect:
                case SendEvent():
                    assert self.is_greeted, "sent before the greeting"
                    self.servers[-1].up.append(effect.raw or encode(effect.event) or "")
                case Connect():
                    assert not self.is_dialling
                    self.is_dialling = True
                case StartTool(call_id):
                    self.tools.append(call_id)
                case CancelTool(call_id):
                    self.tools = [tool for tool in self.tools if tool != call_id]
                    self.happen(ToolFinished(call_id, "cancelled", "cancelled"))
                case _:
                    pass


WHAT = [
    *["open", "up", "down", "think"] * 6,
    *["type", "wait"] * 3,
    *["call", "tool", "drop"] * 2,
    "renew",
    "fail",
]
STEPS = st.lists(st.sampled_from(WHAT), max_size=120)
STEPS_AND_CANCELS = st.lists(st.sampled_from([*WHAT, "cancel", "cancel"]), max_size=120)
MANNERS = st.builds(Manners, st.booleans(), st.booleans())


def talk_about(manners: Manners, steps: list[str]) -> Talk:
    """The conversation, up to its quiet end."""
    talk = Talk(manners)
    for step in ("open", "down", *steps):
        talk.step(step)
    talk.settle()
    return talk


def told(talk: Talk) -> list[tuple[str, str]]:
    """What the last server knows at the end, since that is what it is asked about."""
    talk.step("type")
    talk.settle()
    return [(turn.role, turn.text) for turn in talk.servers[-1].prompts[-1].turns]


def shown(talk: Talk) -> list[tuple[str, str]]:
    """What the client shows before it types the last turn, and that turn."""
    items = [item for item in talk.session.view().items if item.in_conversation]
    told: list[tuple[str, str]] = []
    for item in items:
        if item.kind == "message":
            told += [(item.role, item.text)] if item.text else []
        elif item.kind == "function_call":
            told.append(("call", item.arguments))
        else:
            told.append(("call_output", item.output))
    return [*told, ("user", f"type {len(talk.typed)}")]


@often
@given(MANNERS, STEPS)
def test_the_last_server_knows_what_the_client_shows(manners: Manners, steps: list[str]) -> None:
    talk = talk_about(manners, steps)
    seen, known = shown(talk), told(talk)
    if manners.is_silent:  # it names no output, and tells nobody the order
        seen, known = (sorted(turn for turn in turns if turn[0] != "call_output") for turns in (seen, known))
    assert seen == known


@often
@given(MANNERS, STEPS)
def test_every_typed_turn_is_known_once_and_answered(manners: Manners, steps: list[str]) -> None:
    talk = talk_about(manners, steps)
    known = Counter(told(talk))
    assert all(known["user", text] == 1 for text in talk.typed)
    view = talk.session.view()
    texts = Counter(item.text for item in view.items if item.role == "user")
    assert texts == Counter(talk.typed)
    assert not view.is_busy
    prompts = [prompt for server in talk.servers for prompt in server.prompts]
    assert all(any(text == turn.text for prompt in prompts for turn in prompt.turns) for text in talk.typed)
    assert view.items[-1].role == "assistant"


@often
@given(MANNERS, STEPS_AND_CANCELS)
def test_every_call_has_one_output_and_the_outputs_stand_behind_their_calls(
    manners: Manners, steps: list[str]
) -> None:
    talk = talk_about(manners, steps)
    told(talk)
    turns = talk.servers[-1].prompts[-1].turns
    calls = [turn.call_id for turn in turns if turn.role == "call"]
    outputs = [turn.call_id for turn in turns if turn.role == "call_output"]
    assert Counter(outputs) == Counter(calls)
    for place, turn in enumerate(turns):
        if turn.role == "call_output":
            assert turn.call_id in [each.call_id for each in turns[:place] if each.role == "call"]


@often
@given(MANNERS, STEPS_AND_CANCELS)
def test_every_server_is_told_the_configuration_first(manners: Manners, steps: list[str]) -> None:
    talk = talk_about(manners, steps)
    assert all(server.heard[:1] in ([], ["session.update"]) for server in talk.servers)
    assert talk.servers[-1].heard[0] == "session.update"
    assert talk.session.view().config["instructions"] == "Be kind."


@often
@given(MANNERS, STEPS_AND_CANCELS)
def test_a_replay_sends_and_shows_the_same(manners: Manners, steps: list[str]) -> None:
    talk = talk_about(manners, steps)
    again = Session(CONFIG, has_tools=True, reconnects=True)
    effects = [effect for at_s, each in talk.happened for effect in again.receive(read(each), at_s)]
    assert effects == talk.effects
    assert again.view() == talk.session.view()


def read(each: str | LocalInput) -> SessionInput:
    """The input, as a log gives it back."""
    if isinstance(each, str):
        return decode(each)
    local = from_json(to_json(each))
    assert local is not None
    return local


@pytest.mark.parametrize("manners", [Manners(), Manners(counts_anew=True), Manners(is_silent=True)])
def test_the_properties_are_about_something(manners: Manners) -> None:
    talk = talk_about(manners, ["open", "down", "call", *["up", "down", "think"] * 30, "drop"])
    assert len(talk.servers) == 2
    assert len(told(talk)) >= 6
