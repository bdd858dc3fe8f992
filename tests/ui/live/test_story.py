from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest
from rich.console import Console
from rich.text import Text

from realtime_cli.core.inputs import (
    ApprovalGiven,
    ApprovalWanted,
    AudioReady,
    CancelRequested,
    ConnectionFailed,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    ListeningMode,
    Marked,
    PlaybackProgress,
    PlaybackStopped,
    SessionInput,
    TalkStarted,
    ToolFinished,
    ToolProgress,
    ToolStarted,
    UserEvent,
    UserItem,
    UserText,
)
from realtime_cli.core.session import Session
from realtime_cli.protocol.codec import ServerEvent
from realtime_cli.ui.live.story import Rows, Story
from realtime_cli.ui.theme import THEMES
from tests.support.builders import (
    event,
    function_call,
    item_added,
    message,
    refusal,
    response_created,
    response_done,
    text_delta,
)

TRANSCRIBING = event(
    "session.created",
    session={"type": "realtime", "audio": {"input": {"transcription": {"model": "whisper-1"}}}},
)
SPOKEN = event("input_audio_buffer.committed", item_id="u1")
SOUND_ITEM = {"type": "message", "role": "user", "content": [{"type": "input_audio"}]}
SOUND = UserItem(json.dumps(SOUND_ITEM)), item_added({"id": "u1", **SOUND_ITEM})
HEARD = event(
    "conversation.item.input_audio_transcription.completed", item_id="u1", transcript="Do you hear?"
)


class Show:
    """A story with what it has told so far, and what is live."""

    def __init__(
        self,
        *,
        width: int = 40,
        encoding: str = "utf-8",
        devices: bool = False,
        calm: bool = False,
        colours: bool = True,
        has_tools: bool = False,
        reconnects: bool = False,
    ) -> None:
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        system: Literal["standard"] | None = "standard" if colours else None
        self.console = Console(file=stream, theme=THEMES["dark"], color_system=system, force_terminal=True)
        self.story = Story(self.console, calm=calm)
        self.session = Session(has_tools=has_tools, reconnects=reconnects)
        self.width = width
        self.above: list[Text] = []
        self._rows = Rows([], [])
        self._now = 0.0
        self.play(ConnectionOpened(), TRANSCRIBING)
        if devices:
            self.play(AudioReady("mic", "spk"))

    def play(self, *happened: SessionInput) -> None:
        """Each input with a picture behind it."""
        for each in happened:
            self._now += 1.0
            self.session.receive(each, self._now)
            self._tell(is_last=False)

    def type(self, text: str) -> None:
        """The user types a turn."""
        self.story.typed(text)
        self.play(UserText(text))

    def close(self) -> None:
        """The end of the session."""
        self._tell(is_last=True)

    def _tell(self, *, is_last: bool) -> None:
        self._rows = self.story.tell(self.session.view(), width=self.width, is_last=is_last)
        self.above += self._rows.above

    @property
    def told(self) -> list[str]:
        """The lines above."""
        return [row.plain for row in self.above]

    @property
    def live(self) -> list[str]:
        """The lines of the live region."""
        return [row.plain for group in self._rows.live for row in group.rows]

    def styled(self, style: str) -> str:
        """The words in this style, above and in the live region."""
        rows = [*self.above, *(row for group in self._rows.live for row in group.rows)]
        words = [
            row.plain[span.start : span.end] for row in rows for span in row.spans if span.style == style
        ]
        return " ".join(" ".join(words).split())


def user(item_id: str, text: str) -> ServerEvent:
    content = [{"type": "input_text", "text": text}]
    return item_added(message(item_id, role="user", status="completed", content=content))


def answer(text: str, *, number: int = 1) -> list[ServerEvent]:
    response, item = f"resp_{number}", f"item_{number}"
    return [
        response_created(response),
        item_added(message(item, status="in_progress")),
        text_delta(text, item_id=item, response_id=response),
        event("conversation.item.done", item=message(item, text, status="completed")),
        response_done(response),
    ]


def speech(words: str, ms: int, *, item_id: str = "item_1") -> list[ServerEvent]:
    """An answer begins: its words, and so much of its sound."""
    place = {"item_id": item_id, "response_id": "resp_1", "content_index": 0}
    sound = base64.b64encode(bytes(48 * ms)).decode()
    return [
        response_created(),
        item_added(message(item_id, status="in_progress")),
        event("response.output_audio_transcript.delta", delta=words, **place),
        event("response.output_audio.delta", delta=sound, **place),
    ]


def truncated(ms: int) -> ServerEvent:
    return event("conversation.item.truncated", item_id="item_1", content_index=0, audio_end_ms=ms)


def test_a_typed_turn_is_told_at_once_and_not_again_when_the_server_confirms_it() -> None:
    show = Show()
    show.type("hello there")
    assert show.told == ["› hello there"]
    show.play(user("msg_user_1", "hello there"), *answer("hi"))
    assert show.told == ["› hello there", "● hi"]
    assert show.live == []


def test_a_turn_that_was_typed_twice_is_told_twice() -> None:
    show = Show()
    show.type("again")
    show.type("again")
    show.play(user("msg_user_1", "again"), user("msg_user_2", "again"))
    assert show.told == ["› again", "› again"]


def test_a_turn_of_the_user_that_was_not_typed_here_is_told() -> None:
    show = Show()
    show.play(user("u1", "from a file"))
    assert show.told == ["› from a file"]


def test_of_a_written_answer_the_complete_rows_are_told_while_it_grows() -> None:
    show = Show(width=20)
    show.play(response_created(), text_delta("The quick brown fox jumps over the la"))
    assert show.told == ["● The quick brown", "  fox jumps over the"]
    assert show.live == ["  la"]
    show.play(text_delta("zy dog."), response_done())
    assert show.told == ["● The quick brown", "  fox jumps over the", "  lazy dog."]
    assert show.live == []


def test_a_resize_in_the_middle_goes_on_with_the_new_width_and_loses_nothing() -> None:
    show = Show(width=40)
    show.play(response_created(), text_delta("one two three four five six seven eight nine ten eleven "))
    show.width = 20
    show.play(text_delta("twelve thirteen fourteen fifteen "))
    show.width = 60
    show.play(text_delta("sixteen seventeen"), response_done())
    words = " ".join(show.told).replace("●", "").split()
    numbers = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    assert words == f"{numbers} sixteen seventeen".split()
    assert all(line.startswith("  ") for line in show.told[1:])


def test_paragraphs_and_indentation_survive_row_by_row() -> None:
    show = Show(width=30)
    show.play(response_created())
    for piece in ("First:\n\n", "    code = 1\n", "    more()\n\n", "The end of it."):
        show.play(text_delta(piece))
    show.play(response_done())
    assert show.told == ["● First:", "", "      code = 1", "      more()", "", "  The end of it."]


def test_a_late_transcript_keeps_its_place_and_both_are_live_until_then() -> None:
    show = Show()
    show.play(SPOKEN, *answer("I do."))
    assert show.told == []
    assert show.live == ["› …", "● I do."]
    show.play(event("conversation.item.input_audio_transcription.delta", item_id="u1", delta="Do you"))
    assert show.live == ["› Do you …", "● I do."]
    show.play(HEARD)
    assert show.told == ["› Do you hear?", "● I do."]
    assert show.live == []


def test_a_failed_transcription_lets_the_answer_go() -> None:
    show = Show()
    failed = {"message": "too much noise"}
    show.play(
        SPOKEN,
        *answer("Pardon?"),
        event("conversation.item.input_audio_transcription.failed", item_id="u1", error=failed),
    )
    assert show.told[:2] == ["› (spoken; the transcription failed)", "● Pardon?"]
    assert "too much noise" in " ".join(show.told[2:])


def test_a_transcript_that_does_not_come_is_given_up_with_the_next_answer_and_still_told_when_it_comes() -> (
    None
):
    show = Show()
    show.play(SPOKEN, *answer("one"), user("u2", "more"))
    assert show.told == []
    show.play(*answer("two", number=2))
    assert show.told == ["› (spoken; not transcribed)", "● one", "› more", "● two"]
    show.play(HEARD)
    assert show.told[4:] == ["› Do you hear?"]


def test_a_sound_file_is_one_line_that_waits_for_its_words() -> None:
    show = Show()
    show.play(*SOUND)
    assert (show.told, show.live) == ([], ["› …"])
    show.play(HEARD, *answer("I do."))
    assert show.told == ["› Do you hear?", "● I do."]


def test_a_sound_file_whose_words_never_come_is_told_with_the_end_of_its_answer() -> None:
    show = Show()
    show.play(*SOUND, *answer("I do."))
    assert (show.told, show.live) == (["› (spoken; not transcribed)", "● I do."], [])


def test_speech_in_which_nobody_found_a_word_is_told_so() -> None:
    show = Show()
    silence = event("conversation.item.input_audio_transcription.completed", item_id="u1", transcript="")
    show.play(SPOKEN, silence)
    assert show.told == ["› (no words)"]


def test_a_silence_that_the_server_commits_has_no_words() -> None:
    show = Show(width=60)
    show.play(event("session.updated", session={"type": "realtime"}))
    show.play(event("input_audio_buffer.timeout_triggered", item_id="u1"), SPOKEN)
    assert show.told[-2:] == ["· nobody spoke: the server answers by itself", "› (no words)"]


def test_the_user_who_speaks_has_a_place_already() -> None:
    show = Show(devices=True)
    show.play(event("input_audio_buffer.speech_started"))
    assert show.live == ["› …"]
    show.play(event("input_audio_buffer.speech_stopped"), SPOKEN)
    assert show.live == ["› …"]
    show.play(HEARD)
    assert (show.told, show.live) == (["› Do you hear?"], [])


def test_who_holds_the_talk_key_has_a_place_too() -> None:
    show = Show(devices=True)
    show.play(ListeningMode(push_to_talk=True), TalkStarted())
    assert show.live == ["› …"]


def test_spoken_words_are_told_once_they_are_heard_and_the_others_wait() -> None:
    show = Show(width=20, devices=True)
    show.play(*speech("The quick brown fox jumps over the lazy dog.", 1000))
    assert show.told == []
    assert show.live == ["● The quick brown", "  fox jumps over the", "  lazy dog."]
    assert show.styled("unheard") == "The quick brown fox jumps over the lazy dog."
    show.play(PlaybackProgress("item_1", 0, 500.0))
    assert show.told == ["● The quick brown"]
    assert show.styled("unheard") == "over the lazy dog."
    show.play(response_done())
    assert show.told == ["● The quick brown"]
    show.play(event("response.output_audio.done", item_id="item_1", content_index=0, response_id="resp_1"))
    show.play(PlaybackProgress("item_1", 0, 1000.0))
    assert show.told == ["● The quick brown", "  fox jumps over the", "  lazy dog."]
    assert show.live == []


def test_what_an_interruption_cut_is_struck_and_marked() -> None:
    show = Show(width=40, devices=True)
    show.play(*speech("Seven words are here to be said.", 1000), PlaybackProgress("item_1", 0, 300.0))
    show.play(CancelRequested(), PlaybackStopped("item_1", 0, 320.0))
    cancelled = {"type": "cancelled", "reason": "client_cancelled"}
    show.play(response_done(status="cancelled", status_details=cancelled))
    assert show.told == []  # the server is about to say where
    show.play(truncated(320))
    assert show.told[:2] == ["● Seven words are here to be said.", "  interrupted after 0.3 s"]
    assert show.styled("cut") == "are here to be said."


def test_what_was_interrupted_before_its_first_sound_is_struck_altogether() -> None:
    show = Show(devices=True)
    show.play(*speech("Never said.", 1000), CancelRequested(), PlaybackStopped())
    show.play(response_done(status="cancelled"), truncated(0))
    assert show.told[:2] == ["● Never said.", "  interrupted after 0.0 s"]
    assert show.styled("cut") == "Never said."


def test_only_the_sign_of_an_answer_has_its_style() -> None:
    show = Show()
    show.play(*answer("plain words"))
    assert show.styled("mark") == "●"


@pytest.mark.parametrize("confirms_first", [True, False])
def test_what_is_typed_into_an_answer_stands_behind_it(confirms_first: bool) -> None:
    show = Show(devices=True)
    show.play(*speech("A long story.", 1000), PlaybackProgress("item_1", 0, 500.0))
    show.type("stop it")
    assert show.told == []
    assert show.live[-1] == "› stop it"
    ends = [PlaybackStopped("item_1", 0, 510.0), response_done(status="cancelled"), truncated(510)]
    confirmed = user("msg_user_1", "stop it")
    show.play(*([confirmed, *ends] if confirms_first else [*ends, confirmed]))
    assert show.told[:3] == ["● A long story.", "  interrupted after 0.5 s", "› stop it"]
    assert show.live == []


def test_without_a_speaker_spoken_words_are_told_as_they_come() -> None:
    show = Show(width=20)
    show.play(*speech("The quick brown fox jumps over the lazy dog.", 1000))
    assert show.told == ["● The quick brown", "  fox jumps over the"]
    show.play(response_done())
    assert show.told[2:] == ["  lazy dog."]


def test_a_notice_waits_for_the_end_of_the_answer_but_is_seen() -> None:
    show = Show()
    show.play(response_created(), text_delta("In the middle"), refusal("c", "bad news"))
    assert show.live == ["● In the middle", "error: bad news"]
    show.play(response_done())
    assert show.told == ["● In the middle", "error: bad news"]


@pytest.mark.parametrize("code", ["conversation_already_has_active_response", "response_cancel_not_active"])
def test_races_that_every_client_meets_are_not_told(code: str) -> None:
    show = Show()
    show.play(refusal(code, "a race"), refusal("c", "bad news"))
    assert [*show.told, *show.live] == ["error: bad news"]


def test_a_remark_is_told_between_paragraphs() -> None:
    show = Show(width=24)
    show.story.remark(Text("the log cannot be written any more", "info"))
    show.play(*answer("fine"))
    assert show.told == ["the log cannot be", "  written any more", "● fine"]


def test_the_calls_of_an_answer_are_live_until_they_are_over() -> None:
    show = Show(width=60, has_tools=True)
    call = function_call("c", arguments='{"city": "Paris"}', status="completed")
    show.play(
        response_created(),
        event("response.output_item.added", response_id="resp_1", item={**call, "status": "in_progress"}),
    )
    assert show.live == ['⚙ weather({"city": "Paris"}  … collecting']
    result = {"id": "r", "type": "function_call_output", "call_id": "call_1", "output": "rain"}
    show.play(event("response.output_item.done", response_id="resp_1", item=call), response_done())
    assert (show.told, show.live) == ([], ['⚙ weather({"city": "Paris"})  … waiting for its output'])
    show.play(item_added(result))
    assert show.told == ['⚙ weather({"city": "Paris"})  ✓ done', "  ↳ rain"]
    assert show.live == []


def test_items_are_told_in_the_conversations_order() -> None:
    show = Show()
    show.play(
        response_created("resp_1"),
        text_delta("one ", item_id="item_1", response_id="resp_1"),
        UserEvent('{"type": "response.create", "response": {"conversation": "none"}}'),
        response_created("resp_2", conversation_id=None),
        text_delta("two ", item_id="item_2", response_id="resp_2"),
        response_done("resp_2"),
    )
    assert show.live == ["● one", "● two"]
    show.play(response_done("resp_1"))
    assert show.told == ["● one", "● two"]


def test_a_deleted_item_does_not_hold_up_the_others() -> None:
    show = Show()
    show.play(SPOKEN, *answer("Hello."), event("conversation.item.deleted", item_id="u1"))
    assert show.told == ["● Hello."]


def test_words_that_belong_to_no_answer_go_on_until_something_else_is_told() -> None:
    show = Show()
    for name, delta in (
        ("output", "Buenos "),
        ("output", "días"),
        ("input", "Good day"),
        ("output", "amigo"),
    ):
        show.play(event(f"session.{name}_transcript.delta", delta=delta))
    show.close()
    assert [line.rstrip() for line in show.told] == ["● Buenos días", "› Good day", "● amigo"]


def test_the_end_tells_everything_that_waited() -> None:
    show = Show(devices=True)
    show.play(SPOKEN, *speech("half heard words", 1000), PlaybackProgress("item_1", 0, 500.0))
    show.type("never answered")
    show.close()
    assert show.told == [
        "› (spoken; not transcribed)",
        "● half heard words",
        "  interrupted after 0.5 s",
        "› never answered",
    ]
    assert show.live == []


def test_a_lost_connection_ends_what_was_coming() -> None:
    show = Show()
    show.play(response_created(), text_delta("cut o"), ConnectionLost(1006))
    assert show.told[0] == "● cut o"
    assert show.told[1].startswith("error: the connection broke")


BROKEN, FAILED, DUE = ConnectionLost(1006), ConnectionFailed("refused"), DeadlineReached()
LOST = "warning: the connection broke (close code 1006); connecting again"


def test_a_connection_is_lost_and_replaced_in_two_lines() -> None:
    show = Show(width=100, reconnects=True)
    show.play(UserText("hello"), response_created(), text_delta("cut o"), BROKEN)
    assert show.told == ["› hello", "● cut o", LOST]
    assert show.live == []
    for _ in range(3):
        show.play(DUE, FAILED)
        assert show.live == ["· no connection: refused"]
    show.type("still there?")
    assert show.told == ["› hello", "● cut o", LOST, "› still there?"]
    show.play(DUE, ConnectionOpened())
    assert show.live == []
    show.play(TRANSCRIBING)
    assert show.told[-1].startswith("· connected again after ")
    show.play(item_added(message("msg_user_2", "still there?", role="user")))
    show.play(response_created("resp_2"), text_delta("Yes.", response_id="resp_2", item_id="item_2"))
    show.play(response_done("resp_2"))
    assert show.told[4:] == [show.told[4], "● Yes."]


def test_a_loss_tells_nothing_of_the_tries_of_the_one_before() -> None:
    show = Show(width=100, reconnects=True)
    show.play(BROKEN, DUE, FAILED, DUE, ConnectionOpened(), TRANSCRIBING, BROKEN)
    assert show.live == []


def test_where_no_connection_comes_about_it_ends_with_the_reason() -> None:
    show = Show(width=100, reconnects=True)
    show.play(BROKEN, *[DUE, FAILED] * 5)
    show.close()
    assert show.told == [LOST, "error: no connection after 5 tries: refused"]


def test_calmly_a_lost_connection_is_told_in_words() -> None:
    show = Show(width=100, reconnects=True, calm=True)
    show.play(BROKEN, DUE, FAILED, DUE, ConnectionOpened(), TRANSCRIBING)
    assert show.live == []
    assert show.told == [LOST, "notice: connected again after 5 s"]


def test_what_a_lost_session_did_at_its_servers_is_not_waited_for() -> None:
    show = Show(width=100, reconnects=True)
    listing = {"id": "mcpl_1", "type": "mcp_list_tools", "server_label": "docs"}
    call = {"id": "mcp_1", "type": "mcp_call", "server_label": "docs", "name": "search", "arguments": "{}"}
    asked = {**call, "id": "mcpr_1", "type": "mcp_approval_request"}
    show.play(item_added(listing), event("mcp_list_tools.in_progress", item_id="mcpl_1"), item_added(asked))
    show.play(response_created(), item_added({**call, "status": "in_progress"}))
    show.play(event("response.mcp_call.in_progress", item_id="mcp_1", output_index=0))
    assert show.live
    show.play(BROKEN)
    assert show.live == []
    assert show.told[-1] == LOST


def test_a_tool_is_seen_at_work_while_there_is_no_connection() -> None:
    show = Show(width=100, has_tools=True, reconnects=True)
    call = function_call("fc_1", arguments="{}", status="completed")
    show.play(response_created(), event("response.output_item.done", response_id="resp_1", item=call))
    show.play(ToolStarted("call_1"), BROKEN)
    assert any("running" in row or "◌" in row for row in [*show.told, *show.live])
    show.play(ToolFinished("call_1", "12"))
    assert any("done" in row for row in [*show.told, *show.live])


def test_hostile_words_stay_words() -> None:
    show = Show(width=60)
    show.type("\x1b[2Jtyped")
    show.play(*answer("\x1b]0;title\x07 \u202egnp.exe \x9b31m"))
    assert show.told == ["› ␛[2Jtyped", "● ␛]0;title␇ \\u202egnp.exe \\u009b31m"]


def test_wide_characters_fit_their_cells() -> None:
    show = Show(width=12)
    show.play(*answer("日本語のテキスト"))
    assert show.told == ["● 日本語のテ", "  キスト"]


def test_an_ascii_terminal_gets_ascii() -> None:
    show = Show(encoding="ascii")
    show.play(SPOKEN, *answer("I do."))
    assert show.live == ["> ...", "* I do."]


def called(arguments: str = '{"city": "Paris"}', *, name: str = "weather") -> list[ServerEvent]:
    """An answer that is one call."""
    call = function_call("c", name=name, arguments=arguments, status="completed")
    return [
        response_created(),
        event("response.output_item.done", response_id="resp_1", item=call),
        response_done(),
    ]


def test_markdown_is_shown_row_by_row_as_it_comes() -> None:
    show = Show(width=30)
    show.play(response_created())
    for piece in (
        "# A he",
        "ading\n\nSome **bo",
        "ld** words, ",
        "and `co",
        "de` too.\n- one\n",
        "- tw",
        "o",
    ):
        show.play(text_delta(piece))
    assert show.told == ["● A heading", "", "  Some bold words, and code", "  too.", "  • one"]
    assert show.live == ["  • two"]
    show.play(response_done())
    assert show.told[5:] == ["  • two"]
    assert (show.styled("heading"), show.styled("strong"), show.styled("code")) == (
        "A heading",
        "bold",
        "code",
    )


def test_half_written_marks_are_not_seen() -> None:
    show = Show()
    show.play(response_created())
    seen = list[str]()
    for piece in ("*", "*", "bold", "*", "*", " `", "x", "`", "\n``", "`", "py", "\n"):
        show.play(text_delta(piece))
        seen += show.live
    assert not [row for row in seen if "*" in row or "`" in row or "py" in row]


def test_spoken_words_have_no_markdown() -> None:
    show = Show(devices=True)
    show.play(*speech("two **stars** stay", 100), response_done(), PlaybackProgress("item_1", 0, 100.0))
    show.close()
    assert show.told[0] == "● two **stars** stay"


def test_what_was_told_and_then_not_heard_is_quoted() -> None:
    show = Show(width=60, devices=True)
    show.play(*speech("These words are told but cut later on.", 1000), response_done())
    show.play(event("response.output_audio.done", item_id="item_1", content_index=0, response_id="resp_1"))
    show.play(PlaybackProgress("item_1", 0, 1000.0))
    assert show.told == ["● These words are told but cut later on."]
    show.play(truncated(480))
    assert show.told[1:] == ['  interrupted after 0.5 s; not heard: "but cut later on."']
    show.play(truncated(480))
    assert len(show.told) == 2


def test_without_strokes_what_was_cut_is_quoted() -> None:
    show = Show(width=70, devices=True, colours=False)
    show.play(*speech("Seven words are here to be said.", 1000), PlaybackProgress("item_1", 0, 300.0))
    show.play(CancelRequested(), PlaybackStopped("item_1", 0, 320.0), response_done(status="cancelled"))
    show.play(truncated(320))
    assert show.told[1] == '  interrupted after 0.3 s; not heard: "are here to be said."'


def test_a_call_shows_how_it_goes_and_is_told_once_when_it_is_over() -> None:
    show = Show(width=60, has_tools=True)
    show.play(*called(), ApprovalWanted("call_1"))
    assert show.live == [
        '⚙ weather({"city": "Paris"})',
        "    ? waiting for approval: ^Y /approve, ^N /deny",
    ]
    show.play(ApprovalGiven("call_1", True), ToolStarted("call_1"), ToolProgress("call_1", "half\x1b[2J way"))
    assert show.live == ['⚙ weather({"city": "Paris"})  ◌ running 1 s: half␛[2J way']
    assert show.told == []
    show.play(ToolFinished("call_1", "18 °C", "done"))
    assert show.told == ['⚙ weather({"city": "Paris"})  ✓ done in 2.0 s', "  ↳ 18 °C"]
    result = {"id": "r", "type": "function_call_output", "call_id": "call_1", "output": "18 °C"}
    show.play(item_added(result))
    assert show.told[2:] == []
    assert show.live == []


def test_a_conversation_goes_on_beside_a_call_that_takes_long() -> None:
    show = Show(width=60, has_tools=True)
    show.play(*called(), ToolStarted("call_1"))
    show.type("are you still there?")
    show.play(user("msg_user_1", "are you still there?"), *answer("Yes.", number=2))
    assert show.told == [
        '⚙ weather({"city": "Paris"})  ◌ running 2 s',
        "› are you still there?",
        "● Yes.",
    ]
    assert show.live == ["⚙ weather  ◌ running 7 s"]
    show.play(ToolFinished("call_1", "no such city", "failed"))
    assert show.told[3:] == ["⚙ weather  ✗ failed after 8.0 s", "  ↳ no such city"]
    assert show.live == []


def test_a_call_that_nobody_answers_holds_nothing_up() -> None:
    show = Show(width=80)
    show.play(*called())
    assert show.told[0] == '⚙ weather({"city": "Paris"})  … waiting for its output'
    assert show.told[1].startswith("warning: the model calls weather")
    assert show.live == []


def test_an_output_without_its_call_is_told() -> None:
    show = Show()
    show.play(item_added({"id": "r", "type": "function_call_output", "call_id": "x", "output": "rain\x07"}))
    assert show.told == ["  ↳ rain␇"]


def test_the_tools_and_the_requests_of_an_mcp_server_are_told() -> None:
    show = Show(width=80)
    tools = [{"name": "ask"}, {"name": "read"}]
    listing = {"id": "l", "type": "mcp_list_tools", "server_label": "wiki", "tools": tools}
    show.play(event("conversation.item.done", item=listing))
    assert show.told == ["⚙ wiki  2 tools: ask, read"]
    request = {
        "id": "q",
        "type": "mcp_approval_request",
        "server_label": "wiki",
        "name": "ask",
        "arguments": "{}",
    }
    show.play(item_added(request))
    assert show.live == ["⚙ wiki.ask({})  ? waiting for approval: ^Y /approve, ^N /deny"]
    show.play(ApprovalGiven("q", False))
    assert show.told[1:] == ["⚙ wiki.ask({})  ✗ denied"]


CALL = {"id": "mcp_1", "type": "mcp_call", "server_label": "docs", "name": "find", "arguments": '{"q":1}'}
REQUEST = {**CALL, "id": "mcpr_1", "type": "mcp_approval_request"}
ASKED = '⚙ docs.find({"q":1})  ? waiting for approval: ^Y /approve, ^N /deny'


def asking(*, calm: bool = False) -> Show:
    """A server has told its call, and asks behind it whether it may make it."""
    show = Show(width=80, calm=calm)
    show.play(response_created(), item_added({**CALL, "status": "in_progress"}), item_added(REQUEST))
    return show


def test_a_call_whose_request_waits_is_told_by_the_request() -> None:
    show = asking()
    assert (show.told, show.live) == ([], [ASKED])


def test_an_approval_stands_before_what_came_of_the_call() -> None:
    show = asking()
    show.play(ApprovalGiven("mcpr_1", True))
    assert show.told == ['⚙ docs.find({"q":1})  ✓ approved']
    assert show.live == ['⚙ docs.find({"q":1})  … waiting for its output']
    show.play(event("response.mcp_call.in_progress", item_id="mcp_1", output_index=0))
    assert show.live == ['⚙ docs.find({"q":1})  ◌ running 0 s']
    over = {**CALL, "status": "completed", "output": "3 pages"}
    show.play(event("response.mcp_call.completed", item_id="mcp_1", output_index=0))
    show.play(event("response.output_item.done", response_id="resp_1", output_index=0, item=over))
    assert show.told[1:] == ['⚙ docs.find({"q":1})  ✓ done in 1.0 s', "  ↳ 3 pages"]
    assert show.live == []


@pytest.mark.parametrize("calm", [False, True])
def test_what_was_not_allowed_is_told_once(calm: bool) -> None:
    show = asking(calm=calm)
    before = len(show.told)
    show.play(ApprovalGiven("mcpr_1", False))
    over = {**CALL, "status": "incomplete"}
    show.play(event("response.output_item.done", response_id="resp_1", output_index=0, item=over))
    show.close()
    assert [row.split("  ")[-1] for row in show.told[before:]] == ["denied" if calm else "✗ denied"]


def test_what_is_asked_stays_in_sight_while_the_talk_goes_on() -> None:
    show = asking()
    show.type("what is that?")
    show.play(user("msg_user_1", "what is that?"))
    assert show.told == [ASKED, "› what is that?"]
    assert show.live == [ASKED]


def test_what_the_user_asked_for_is_shown_at_once_and_the_answer_goes_on_below() -> None:
    show = Show(width=20)
    show.play(response_created(), text_delta("The quick brown fox jumps over the la"))
    show.story.show([Text("help", "heading")])
    show.play(text_delta("zy dog."), response_done())
    assert show.told == ["● The quick brown", "  fox jumps over the", "help", "● lazy dog."]


def test_notices_stand_where_they_happened() -> None:
    show = Show(width=60)
    show.play(SPOKEN, refusal("c", "early news"), *answer("I do."))
    assert show.told == []
    assert show.live == ["› …", "● I do.", "error: early news"]
    show.play(HEARD)
    assert show.told == ["› Do you hear?", "error: early news", "● I do."]


def test_a_mark_is_a_thin_line() -> None:
    show = Show(width=60)
    show.play(*answer("one"), Marked("here\x1b[31m"), *answer("two", number=2))
    assert show.told == ["● one", "── mark: here␛[31m ────────", "● two"]


def test_events_that_nobody_knows_are_counted_now_and_then() -> None:
    show = Show(width=80)
    show.play(*[event("x.heartbeat") for _ in range(12)])
    show.close()
    assert [row.split(":")[0] for row in show.told] == [
        "· 1 event of an unknown type so far",
        "· 10 events of an unknown type so far",
        "· 12 events of an unknown type so far",
    ]


def test_calm_tells_whole_turns_in_words_and_nothing_is_live() -> None:
    show = Show(width=80, calm=True, has_tools=True)
    show.type("what is it like?")
    show.play(*called(), ApprovalWanted("call_1"))
    assert show.live == []
    show.play(ApprovalGiven("call_1", True), ToolStarted("call_1"), ToolFinished("call_1", "rain", "done"))
    show.play(response_created("resp_2"), text_delta("It is\n", item_id="i2", response_id="resp_2"))
    assert show.told[-1] == "result: rain"
    show.play(text_delta("wet.", item_id="i2", response_id="resp_2"), response_done("resp_2"))
    assert show.told == [
        "you: what is it like?",
        'tool: weather({"city": "Paris"})  waiting for approval: /approve or /deny',
        "tool: weather  done in 1.0 s",
        "result: rain",
        "assistant: It is",
        "  wet.",
    ]
    assert show.live == []


def test_hostile_calls_and_notices_stay_words() -> None:
    bad = "\x1b[2J\x9b31m\u202e[bold]"
    show = Show(width=100, has_tools=True)
    show.play(*called(f'{{"{bad}": 1}}', name=f"na{bad}"), ToolStarted("call_1"))
    show.play(ToolFinished("call_1", f"{bad}\n{bad}", "failed"), refusal("c", bad))
    show.close()
    everything = "".join(show.told)
    assert everything.count("[bold]") == 5
    assert all(char.isprintable() for char in everything)


@pytest.mark.parametrize("width", [1, 2, 5, 10, 300])
def test_any_width_does(width: int) -> None:
    show = Show(width=width, has_tools=True)
    show.play(
        *called(),
        ToolStarted("call_1"),
        ToolFinished("call_1", '{"a": [1, 2], "b": "' + "c" * 400 + '"}', "done"),
    )
    show.play(*answer("# T\n\n- a **b** `c`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```", number=2))
    show.close()
    assert any("code" in line or "c" in line for line in show.told)


def test_a_picture_costs_the_same_at_every_turn() -> None:
    show = Show(width=80)
    for number in range(1, 200):
        show.play(user(f"u{number}", "hello"), *answer("some words", number=number))
    view = show.session.view()
    seen = list[object]()

    class Items(tuple[object, ...]):
        def __iter__(self) -> Iterator[object]:
            seen.append(self)
            return super().__iter__()

    counted = replace(view, items=Items(view.items))  # type: ignore[arg-type]  # only counts who goes through it
    show.story.tell(counted, width=80)
    assert seen == []
