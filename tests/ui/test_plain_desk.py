from __future__ import annotations

import json
from dataclasses import dataclass, field
from io import StringIO

import pytest

from realtime_cli.core.inputs import (
    ApprovalGiven,
    ApprovalWanted,
    ConnectionOpened,
    ListeningMode,
    LocalInput,
    MuteRequested,
    QuitRequested,
    TalkEnded,
    TalkStarted,
    UserText,
    to_json,
)
from realtime_cli.core.session import Session
from realtime_cli.ui.live.controls import Controls
from realtime_cli.ui.live.surroundings import Surroundings
from realtime_cli.ui.plain import PlainScreen
from realtime_cli.ui.plain_desk import PlainDesk
from realtime_cli.ui.theme import make_console
from tests.support.builders import event, function_call, response_created, response_done
from tests.support.voice import voice_session


@dataclass
class Talk:
    """A desk in front of a session, and what stands on its terminal; a line of it takes a second."""

    session: Session = field(default_factory=voice_session)
    posted: list[LocalInput] = field(default_factory=list)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.out = StringIO()
        console = make_console(self.out, width=60)
        self.screen = PlainScreen(console, marks=True, shows_user=True, notices=console, prompt="> ")
        controls = Controls(self.post, lambda: self.seconds)
        self.desk = PlainDesk(controls, Surroundings(server="x"), self.screen, self.session.view)
        self.desk.serve(self.post)

    def post(self, wish: LocalInput) -> None:
        self.posted.append(wish)
        self.desk.saw("local", to_json(wish), now_s=self.seconds, is_object=True)
        self.session.receive(wish, self.seconds)

    def type(self, line: str) -> str:
        """Types a line; gives what is printed because of it."""
        before, self.seconds = len(self.out.getvalue()), self.seconds + 1
        self.desk.enter(line)
        self.screen.update(self.session.view())
        return self.out.getvalue()[before:]


def test_a_typed_turn_is_not_printed_again_and_a_spoken_one_is() -> None:
    talk = Talk()
    assert talk.type("hello") == ""
    spoken = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_audio", "transcript": "Good day"}],
    }
    talk.session.receive(event("conversation.item.added", item={**spoken, "id": "a"}), 2.0)
    talk.session.receive(event("conversation.item.done", item={**spoken, "id": "a"}), 2.0)
    talk.screen.update(talk.session.view())
    assert "Good day" in talk.out.getvalue()
    assert "hello" not in talk.out.getvalue()


@pytest.mark.parametrize("line", ["/quit", "/exit"])
def test_after_leaving_there_is_no_prompt(line: str) -> None:
    talk = Talk()
    talk.screen.update(talk.session.view())
    assert talk.type(line) == ""
    assert talk.posted == [QuitRequested()]


def test_two_slashes_begin_a_turn() -> None:
    talk = Talk()
    talk.type("//usr is a folder")
    assert talk.posted == [UserText("/usr is a folder")]


def test_enter_alone_is_the_talk_key_with_push_to_talk() -> None:
    talk = Talk()
    talk.type("")
    assert talk.posted == []
    assert "Enter alone begins and ends it" in talk.type("/ptt")
    assert "Enter ends your turn" in talk.type("")
    talk.type("  ")
    talk.type("/mute")
    assert "the microphone is muted: /mute opens it" in talk.type("")
    assert "the microphone is open" in talk.type("/ptt")
    assert [type(wish) for wish in talk.posted] == [
        ListeningMode,
        TalkStarted,
        TalkEnded,
        MuteRequested,
        ListeningMode,
    ]


def test_a_talk_key_that_does_nothing_asks_again() -> None:
    talk = Talk()
    talk.type("/ptt")
    talk.type("/mute")
    talk.desk.enter("")
    assert talk.out.getvalue().endswith("the microphone is muted: /mute opens it\n> ")


def test_a_call_that_waits_for_approval_is_shown_whole_and_once() -> None:
    session = Session(has_tools=True)
    talk = Talk(session)
    arguments = json.dumps({"command": "echo " + "filler " * 200 + "&& rm -rf /home/me"})
    call = function_call("c", name="run", arguments=arguments, status="completed")
    session.receive(ConnectionOpened(), 0.0)
    greeting = event("session.created", session={"type": "realtime", "id": "sess_1"})
    for told in (
        greeting,
        response_created(),
        event("response.output_item.done", item=call, response_id="resp_1"),
    ):
        session.receive(told, 0.0)
    session.receive(response_done(output=[call]), 0.0)
    session.receive(ApprovalWanted("call_1"), 0.0)
    for _ in range(3):
        talk.screen.update(session.view())
    words = " ".join(talk.out.getvalue().split())
    assert words.count("waits for approval: /approve or /deny") == 1
    assert f"run({arguments}) waits" in words
    assert words.endswith(">")
    talk.type("/approve")
    assert talk.posted == [ApprovalGiven("call_1", approves=True)]
