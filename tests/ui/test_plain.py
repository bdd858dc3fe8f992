from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping

import pytest
from rich.cells import cell_len
from rich.console import Console

from realtime_cli.core.inputs import (
    CancelRequested,
    ConnectionLost,
    ConnectionOpened,
    QuitRequested,
    SessionInput,
    UserEvent,
    UserItem,
    UserText,
)
from realtime_cli.core.session import Session
from realtime_cli.core.view import Cause, Level, Notice
from realtime_cli.protocol.codec import ServerEvent
from realtime_cli.ui.plain import PlainScreen, print_notice
from realtime_cli.ui.theme import make_console
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
from tests.support.recordings import RECORDINGS, SESSIONS, recorded
from tests.support.stage import Stage

GREETING = event("session.created", session={"type": "realtime", "id": "sess_1"})
TRANSCRIBING = event(
    "session.created",
    session={"type": "realtime", "audio": {"input": {"transcription": {"model": "whisper-1"}}}},
)


class Terminal:
    """A screen with marks, and what stands on it: with a prompt a chat, without one a replay.

    Its notices are there too, unless they go elsewhere.
    """

    def __init__(
        self, *, width: int = 80, prompt: str = "", encoding: str = "utf-8", notices: Console | None = None
    ) -> None:
        self._bytes = io.BytesIO()
        stream = io.TextIOWrapper(self._bytes, encoding=encoding, errors="replace", newline="")
        console = make_console(stream, width=width)
        self.screen = PlainScreen(
            console, marks=True, shows_user=not prompt, notices=notices or console, prompt=prompt
        )
        self.stage = Stage(self.screen, session=Session(has_tools=True))

    def type(self, words: str) -> None:
        """The user types a line; its echo is not on our stream."""
        self.screen.line_entered()
        self.stage.play(UserText(words))

    @property
    def text(self) -> str:
        return self._bytes.getvalue().decode()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class Pipe:
    """A screen for bare words, with the notices beside them."""

    def __init__(self, *, shows_user: bool = False) -> None:
        self._out, self._err = io.StringIO(), io.StringIO()
        self.screen = PlainScreen(
            make_console(self._out), marks=False, shows_user=shows_user, notices=make_console(self._err)
        )
        self.stage = Stage(self.screen)

    @property
    def text(self) -> str:
        return self._out.getvalue()

    @property
    def notices(self) -> str:
        return self._err.getvalue()


def item_done(item: Mapping[str, object]) -> ServerEvent:
    return event("conversation.item.done", item=item)


def user(item_id: str, text: str) -> ServerEvent:
    content = [{"type": "input_text", "text": text}]
    return item_added(message(item_id, role="user", status="completed", content=content))


def answer(text: str, *, number: int = 1) -> list[ServerEvent]:
    """A whole answer, its words in two pieces."""
    response, item = f"resp_{number}", f"item_{number}"
    half = len(text) // 2
    return [
        response_created(response),
        item_added(message(item, status="in_progress")),
        text_delta(text[:half], item_id=item, response_id=response),
        text_delta(text[half:], item_id=item, response_id=response),
        item_done(message(item, text, status="completed")),
        response_done(response),
    ]


def test_turns_come_out_with_marks_and_an_answer_grows_word_by_word() -> None:
    terminal = Terminal()
    terminal.stage.play(GREETING, user("u1", "hello there"), response_created(), text_delta("Good mor"))
    assert terminal.text == "› hello there\n● Good"
    terminal.stage.play(text_delta("ning to "), text_delta("you"))
    assert terminal.text == "› hello there\n● Good morning to"
    terminal.stage.play(response_done())
    assert terminal.text == "› hello there\n● Good morning to you\n"
    terminal.stage.play(*answer("And again", number=2))
    terminal.stage.close()
    assert terminal.lines == ["› hello there", "● Good morning to you", "● And again"]


def test_a_pipe_gets_the_bare_words_of_the_assistant_as_they_come() -> None:
    pipe = Pipe()
    pipe.stage.play(GREETING, user("u1", "hello"), response_created(), text_delta(" Good mor"))
    assert pipe.text == " Good mor"
    pipe.stage.play(text_delta("ning\tx  y\n\nz"), response_done(), *answer("second", number=2))
    assert pipe.text == " Good morning\tx  y\n\nz\nsecond\n"


def test_a_pipe_may_show_the_user_too() -> None:
    pipe = Pipe(shows_user=True)
    pipe.stage.play(GREETING, user("u1", "hello"), *answer("hi"))
    assert pipe.text == "hello\nhi\n"


def test_in_a_chat_the_terminal_has_echoed_what_the_user_typed() -> None:
    file = io.StringIO()
    console = make_console(file)
    stage = Stage(PlainScreen(console, marks=True, shows_user=False, notices=console))
    stage.play(GREETING, user("u1", "hello"), *answer("hi"))
    assert file.getvalue() == "● hi\n"


def test_one_paragraph_at_a_time_the_others_wait_for_its_end() -> None:
    terminal = Terminal()
    other = message("item_2", status="in_progress")
    terminal.stage.play(
        GREETING,
        response_created("resp_1"),
        text_delta("one "),
        UserEvent('{"type": "response.create", "response": {"conversation": "none"}}'),
        response_created("resp_2", conversation_id=None),
        item_added(other),
        text_delta("two ", item_id="item_2", response_id="resp_2"),
        user("u1", "late"),
        text_delta("uno ", item_id="item_1"),
        text_delta("dos", item_id="item_2", response_id="resp_2"),
        item_done(message("item_1", "one uno end", status="completed")),
    )
    assert terminal.text == "● one uno end\n● two"
    terminal.stage.play(response_done("resp_2"), response_done("resp_1"))
    assert terminal.lines == ["● one uno end", "● two dos", "› late"]


def test_the_end_of_a_paragraph_lets_everything_out_that_waited_before_and_behind_it() -> None:
    terminal = Terminal()
    audio = message("u1", role="user", status="completed", content=[{"type": "input_audio"}])
    terminal.stage.play(
        TRANSCRIBING,
        event("input_audio_buffer.committed", item_id="u1"),
        item_added(audio),
        response_created(),
        text_delta("I hear"),
        event("conversation.item.input_audio_transcription.delta", item_id="u1", delta="Do you"),
        event(
            "conversation.item.input_audio_transcription.completed", item_id="u1", transcript="Do you hear?"
        ),
    )
    assert terminal.text == "● I"
    terminal.stage.close()
    assert terminal.lines == ["● I hear", "› Do you hear?"]


def spoken(item_id: str = "u1") -> ServerEvent:
    return event("input_audio_buffer.committed", item_id=item_id)


def test_a_transcript_is_waited_for_until_it_comes_or_the_session_ends() -> None:
    terminal = Terminal()
    terminal.stage.play(
        TRANSCRIBING,
        spoken("u1"),
        spoken("u2"),
        event("conversation.item.input_audio_transcription.delta", item_id="u1", delta="Half a"),
        *answer("Hello."),
    )
    assert terminal.lines == ["● Hello."]
    terminal.stage.play(
        event("conversation.item.input_audio_transcription.completed", item_id="u1", transcript="Half a word")
    )
    assert terminal.lines == ["● Hello.", "› Half a word"]
    terminal.stage.close()
    assert terminal.lines[2:] == ["› (spoken; not transcribed)"]


def test_a_sound_file_is_one_line_once_its_words_have_come_or_its_answer_is_over() -> None:
    terminal = Terminal()
    sound = {"type": "message", "role": "user", "content": [{"type": "input_audio"}]}
    terminal.stage.play(TRANSCRIBING, UserItem(json.dumps(sound)), item_added({"id": "u1", **sound}))
    assert terminal.lines == []
    terminal.stage.play(
        event("conversation.item.input_audio_transcription.completed", item_id="u1", transcript="Well?"),
        *answer("Yes."),
        UserItem(json.dumps(sound)),
        item_added({"id": "u2", **sound}, after="item_1"),
    )
    assert terminal.lines == ["› Well?", "● Yes."]
    terminal.stage.play(*answer("Pardon?", number=2))
    assert sorted(terminal.lines[2:]) == sorted(["› (spoken; not transcribed)", "● Pardon?"])


def test_speech_that_nobody_transcribes_is_named_and_a_late_transcript_still_comes() -> None:
    terminal = Terminal()
    terminal.stage.play(GREETING, spoken())
    assert terminal.lines == ["› (spoken; not transcribed)"]
    terminal.stage.play(
        event("conversation.item.input_audio_transcription.completed", item_id="u1", transcript="after all")
    )
    assert terminal.lines[1:] == ["› after all"]


def test_a_failed_transcription_is_named() -> None:
    terminal = Terminal()
    failed = {"message": "too much noise"}
    terminal.stage.play(
        TRANSCRIBING,
        spoken(),
        event("conversation.item.input_audio_transcription.failed", item_id="u1", error=failed),
    )
    assert terminal.lines[0] == "› (spoken; the transcription failed)"
    assert "too much noise" in terminal.lines[1]


def test_a_turn_without_words_is_named() -> None:
    terminal = Terminal()
    image = [{"type": "input_image", "image_url": "data:image/png;base64,AAAA"}]
    terminal.stage.play(GREETING, item_added(message("u1", role="user", content=image)))
    terminal.stage.play(item_added(message("u2", role="user", content=[]), after="u1"))
    assert [line for line in terminal.lines if line] == ["› (image)", "› (no words)"]


def test_speech_in_which_nobody_found_a_word_is_named() -> None:
    terminal = Terminal()
    transcript = "conversation.item.input_audio_transcription.completed"
    terminal.stage.play(TRANSCRIBING, spoken(), event(transcript, item_id="u1", transcript=""))
    assert terminal.lines == ["› (no words)"]


def test_items_that_nobody_announces_or_ends_are_flushed_with_their_answer() -> None:
    terminal = Terminal(prompt="> ")
    terminal.stage.play(GREETING)
    terminal.type("hi")
    terminal.stage.play(response_created(), text_delta("never ended"))
    assert terminal.text.endswith("● never")
    terminal.stage.play(response_done())
    assert terminal.text.endswith("● never ended\n> ")


def test_an_item_that_comes_after_the_end_of_its_answer_is_flushed_at_once() -> None:
    terminal = Terminal()
    terminal.stage.play(*answer("in time"), text_delta("too late", item_id="item_2"))
    assert terminal.text == "● in time\n● too late\n"


def test_items_that_never_end_are_flushed_when_the_connection_closes() -> None:
    terminal = Terminal()
    terminal.stage.play(GREETING, response_created(), text_delta("cut o"), ConnectionLost(1006))
    assert terminal.lines[0] == "● cut o"
    assert terminal.lines[1].startswith("error: the connection broke")


def test_leaving_in_the_middle_prints_what_is_there() -> None:
    terminal = Terminal()
    terminal.stage.play(
        GREETING,
        response_created(),
        text_delta("in the middle"),
        item_added(function_call("call_item", status="in_progress")),
        refusal("some_code", "a notice"),
    )
    assert terminal.text == "● in the"
    terminal.stage.close()
    assert terminal.lines == ["● in the middle", "⚙ weather()", "error: a notice"]


@pytest.mark.parametrize("code", ["conversation_already_has_active_response", "response_cancel_not_active"])
def test_races_that_every_client_meets_are_not_told(code: str) -> None:
    terminal = Terminal()
    terminal.stage.play(GREETING, refusal(code, "a race"), refusal("c", "bad news"))
    assert terminal.lines == ["error: bad news"]


def test_words_that_belong_to_no_answer_flow_on_until_something_else_wants_the_line() -> None:
    terminal = Terminal()

    def translated(name: str, delta: str) -> ServerEvent:
        return event(f"session.{name}_transcript.delta", delta=delta)

    terminal.stage.play(
        translated("output", "Bue"), translated("output", "nos "), translated("output", "días ")
    )
    assert terminal.text == "● Buenos días"
    terminal.stage.play(
        translated("input", "Good"), translated("input", " day"), translated("output", "amigo")
    )
    terminal.stage.close()
    assert terminal.lines == ["● Buenos días", "› Good", "› day", "● amigo"]


def test_an_item_that_grows_after_its_end_goes_on_in_a_new_line() -> None:
    terminal = Terminal()
    terminal.stage.play(*answer("Once"), text_delta(" more", response_id=None))
    terminal.stage.close()
    assert terminal.lines == ["● Once", "● more"]


def test_an_item_whose_final_words_are_fewer_prints_nothing_twice() -> None:
    terminal = Terminal()
    terminal.stage.play(
        GREETING,
        response_created(),
        text_delta("Hello  world "),
        event("response.output_text.done", item_id="item_1", response_id="resp_1", text="Hello world"),
        event("response.output_text.done", item_id="item_1", response_id="resp_1", text="Hello world, again"),
        response_done(),
    )
    terminal.stage.close()
    assert terminal.lines == ["● Hello  world again"]


def test_a_deleted_item_does_not_hold_up_the_others() -> None:
    terminal = Terminal()
    terminal.stage.play(
        GREETING,
        user("u1", "one"),
        response_created(),
        text_delta("unfinished business"),
        event("conversation.item.deleted", item_id="item_1"),
        event("conversation.item.deleted", item_id="u1"),
        user("u2", "two"),
    )
    assert terminal.lines == ["› one", "● unfinished business", "› two"]


def test_an_item_that_is_put_before_the_others_is_printed_too() -> None:
    terminal = Terminal()
    first = message("first", role="user", content=[{"type": "input_text", "text": "I was first"}])
    terminal.stage.play(
        GREETING,
        user("u1", "hello"),
        *answer("hi"),
        item_added(first, after="root"),
    )
    assert terminal.lines == ["› hello", "● hi", "› I was first"]


def test_system_messages_and_unknown_items_are_not_shown() -> None:
    terminal = Terminal()
    system = message("s1", role="system", content=[{"type": "input_text", "text": "be brief"}])
    terminal.stage.play(
        GREETING,
        item_added(system),
        item_added({"id": "x", "type": "news", "status": "completed"}),
        item_added({"id": "a", "type": "mcp_approval_response", "approve": True}),
    )
    terminal.stage.close()
    assert terminal.text == ""


def called(**fields: object) -> list[ServerEvent]:
    call = function_call("call_item", arguments='{"city": "Paris"}', status="completed", **fields)
    return [
        response_created(),
        event("response.output_item.added", response_id="resp_1", item={**call, "status": "in_progress"}),
        event("response.output_item.done", response_id="resp_1", item=call),
        response_done(),
    ]


def test_function_calls_and_their_results_are_shown_once() -> None:
    terminal = Terminal()
    result = {"id": "r", "type": "function_call_output", "call_id": "call_1", "output": "rain,\nwind"}
    terminal.stage.play(GREETING, *called(), item_added(result), item_done(result))
    assert terminal.lines == ['⚙ weather({"city": "Paris"})', "  ↳ rain, wind"]


def test_function_calls_are_no_words_for_a_pipe() -> None:
    pipe = Pipe()
    pipe.stage.play(GREETING, *called())
    pipe.stage.close()
    assert pipe.text == ""


def test_mcp_items_are_shown() -> None:
    terminal = Terminal()
    tools = [{"name": "search"}, {"name": "fetch"}]
    call = {"id": "m", "type": "mcp_call", "name": "search", "arguments": "{}", "server_label": "docs"}
    asked = {"id": "q", "type": "mcp_approval_request", "name": "fetch", "arguments": '{"id":1}'}
    terminal.stage.play(
        GREETING,
        event("mcp_list_tools.in_progress", item_id="l"),
        event("mcp_list_tools.completed", item_id="l"),
        item_done({"id": "l", "type": "mcp_list_tools", "server_label": "docs", "tools": tools}),
        event("mcp_list_tools.failed", item_id="empty"),
        response_created(),
        event("response.output_item.done", response_id="resp_1", item={**call, "output": "found"}),
        event("response.output_item.done", response_id="resp_1", item=asked),
        response_done(),
    )
    terminal.stage.close()
    shown = [line for line in terminal.lines if not line.startswith("error:")]
    assert shown == [
        "⚙ docs: search, fetch",
        "⚙ docs.search({})",
        "  ↳ found",
        '⚙ fetch({"id":1})',
        "  ↳ waiting for approval: /approve or /deny",
    ]


def test_long_arguments_are_cut_and_hostile_names_cannot_act() -> None:
    terminal = Terminal(width=60)
    hostile = {**function_call("c"), "name": "\x1b[2Jx\n› I am the user", "arguments": "y" * 10_000}
    terminal.stage.play(
        GREETING, event("response.output_item.done", item={**hostile, "status": "completed"}, response_id="r")
    )
    assert "\x1b" not in terminal.text
    assert " ".join(terminal.text.split()).startswith("⚙ ␛[2Jx › I am the user(")
    assert len(terminal.text) < 800


@pytest.mark.parametrize("truncated_first", [True, False])
def test_an_interrupted_answer_is_marked_whenever_the_truncation_comes(truncated_first: bool) -> None:
    terminal = Terminal()
    cut = event("conversation.item.truncated", item_id="item_1", content_index=0, audio_end_ms=1234)
    details = {"type": "cancelled", "reason": "turn_detected"}
    done = response_done(status="cancelled", status_details=details)
    terminal.stage.play(
        GREETING,
        response_created(),
        text_delta("As I was saying"),
        *((cut, done) if truncated_first else (done, cut)),
    )
    terminal.stage.close()
    assert terminal.lines[0] == "● As I was saying"
    assert terminal.lines.count("  interrupted after 1.2 s") == 1


def test_a_truncation_that_comes_too_late_marks_nothing_else() -> None:
    terminal = Terminal()
    cut = event("conversation.item.truncated", item_id="item_1", content_index=0, audio_end_ms=1234)
    terminal.stage.play(*answer("one"), user("u1", "two"), cut)
    assert terminal.lines == ["● one", "› two"]


def test_a_pipe_has_no_mark_for_an_interruption() -> None:
    pipe = Pipe()
    cut = event("conversation.item.truncated", item_id="item_1", content_index=0, audio_end_ms=1234)
    pipe.stage.play(*answer("one"), cut)
    assert pipe.text == "one\n"


def test_a_notice_waits_for_the_end_of_the_paragraph() -> None:
    terminal = Terminal()
    terminal.stage.play(GREETING, response_created(), text_delta("In the "), refusal("c", "bad news"))
    assert terminal.text == "● In the"
    terminal.stage.play(text_delta("middle"), response_done())
    assert terminal.lines == ["● In the middle", "error: bad news"]


def test_in_a_pipe_notices_go_beside_the_words_and_wait_as_well() -> None:
    pipe = Pipe()
    pipe.stage.play(GREETING, response_created(), text_delta("words "), refusal("c", "bad news " * 20))
    assert pipe.notices == ""
    pipe.stage.play(response_done())
    assert pipe.text == "words \n"
    assert pipe.notices == f"error: {'bad news ' * 20}".rstrip() + "\n"


def test_the_prompt_stands_once_when_idle_and_again_after_each_answer() -> None:
    terminal = Terminal(prompt="› ")
    terminal.stage.play(GREETING, event("rate_limits.updated", rate_limits=[]))
    assert terminal.text == "› "
    for number in (1, 2):
        terminal.type("hi")
        terminal.stage.play(*answer(f"answer {number}", number=number))
        terminal.stage.play(event("rate_limits.updated", rate_limits=[]))
    assert terminal.text == "› ● answer 1\n› ● answer 2\n› "
    terminal.stage.play(QuitRequested(), ConnectionLost(1000, by_us=True))
    terminal.stage.close()
    assert terminal.text == "› ● answer 1\n› ● answer 2\n› \n"


def test_the_prompt_comes_back_after_a_turn_that_was_cancelled_before_an_answer() -> None:
    terminal = Terminal(prompt="› ")
    terminal.stage.play(GREETING)
    terminal.type("hi")
    assert terminal.text == "› "
    terminal.stage.play(response_created(), CancelRequested(), response_done(status="cancelled"))
    assert terminal.text == "› · the answer was cancelled: the server gave no reason\n› "


def test_there_is_no_prompt_before_the_connection_is_open_nor_after_it() -> None:
    file = io.StringIO()
    console = make_console(file)
    screen = PlainScreen(console, marks=True, shows_user=False, notices=console, prompt="› ")
    session = Session()
    screen.update(session.view())
    assert file.getvalue() == ""
    session.receive(ConnectionOpened(), 0.0)
    session.receive(ConnectionLost(1000, by_us=True), 1.0)
    screen.update(session.view())
    screen.close(session.view())
    assert file.getvalue() == ""


def test_what_comes_while_the_prompt_stands_begins_a_line_of_its_own() -> None:
    terminal = Terminal(prompt="› ")
    terminal.stage.play(GREETING, refusal("c", "bad news"), *answer("unasked")[:-1])
    assert terminal.text == "› \nerror: bad news\n› \n● unasked\n"
    late = Terminal(prompt="› ")
    late.stage.play(GREETING)
    late.stage.at_once(*answer("unasked"))
    late.stage.play(event("conversation.item.truncated", item_id="item_1", audio_end_ms=100))
    assert late.text == "› \n● unasked\n› \n  interrupted after 0.1 s\n› "


def test_a_notice_ends_a_paragraph_that_belongs_to_no_answer() -> None:
    terminal = Terminal()
    words = event("session.output_transcript.delta", delta=" of no answer")
    terminal.stage.play(GREETING, words, refusal("c", "bad news"))
    assert terminal.lines == ["● of no answer", "error: bad news"]


def test_an_open_paragraph_ends_before_the_prompt() -> None:
    terminal = Terminal(prompt="› ")
    terminal.stage.play(GREETING, event("session.output_transcript.delta", delta="of no answer"))
    assert terminal.text == "› \n● of no answer\n› "


def test_a_remark_stands_on_a_line_of_its_own_and_the_prompt_comes_back() -> None:
    terminal = Terminal(prompt="› ")
    terminal.stage.play(GREETING)
    terminal.screen.remark("press \x1b again")
    assert terminal.text == "› \npress ␛ again\n› "
    terminal.type("hi")
    terminal.stage.play(response_created(), text_delta("well now"))
    terminal.screen.remark("in the middle")
    assert terminal.text == "› \npress ␛ again\n› ● well now\nin the middle\n"


def test_an_empty_line_asks_again_only_where_the_prompt_stood() -> None:
    terminal = Terminal(prompt="› ")
    terminal.stage.play(GREETING)
    terminal.screen.line_left_empty()
    assert terminal.text == "› › "  # the terminal has echoed the line end
    terminal.type("hi")
    terminal.screen.line_left_empty()
    assert terminal.text == "› › "


def test_what_was_skipped_is_not_shown_and_the_rest_of_it_is() -> None:
    terminal = Terminal()
    session = terminal.stage.session
    skipped: list[SessionInput] = [
        TRANSCRIBING,
        user("u1", "old"),
        *called(),
        spoken("u2"),
        event("conversation.item.input_audio_transcription.delta", item_id="u2", delta="ne"),
        refusal("c", "old news"),
        response_created("resp_2"),
        text_delta("half an ", response_id="resp_2"),
        item_added(function_call("c2", "later", status="in_progress", call_id="call_2")),
    ]
    for each in skipped:
        session.receive(each, 0.0)
    terminal.screen.skip(session.view())
    terminal.stage.play(text_delta("answer", response_id="resp_2"), response_done("resp_2"))
    terminal.stage.play(
        event("conversation.item.input_audio_transcription.completed", item_id="u2", transcript="new"),
        item_done(function_call("c2", "later", status="completed", call_id="call_2")),
    )
    terminal.stage.close()
    assert terminal.lines == ["● answer", "› new", "⚙ later()"]


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_a_notice_says_what_happened_what_it_answers_and_what_to_do(level: Level) -> None:
    cause = Cause("session.update", "event_1", certain=False)
    notice = Notice(1.0, level, "no\x1b[1m such\nvoice", hint="choose alloy", cause=cause)
    assert (
        printed(notice)
        == {
            "info": "· no␛[1m such voice — choose alloy\n",
            "warning": "warning: no␛[1m such voice (answers probably session.update) — choose alloy\n",
            "error": "error: no␛[1m such voice (answers probably session.update) — choose alloy\n",
        }[level]
    )
    sure = Notice(1.0, "error", "no", cause=Cause("x", None, certain=True))
    assert printed(sure) == "error: no (answers x)\n"


def printed(notice: Notice) -> str:
    file = io.StringIO()
    print_notice(make_console(file, width=200), notice)
    return file.getvalue()


def test_a_stream_that_knows_only_ascii_gets_ascii_signs() -> None:
    terminal = Terminal(prompt="› ", encoding="ascii", width=120)
    details = {"type": "failed", "error": {"code": "insufficient_quota", "message": "no money"}}
    terminal.stage.play(GREETING)
    terminal.type("hi")
    terminal.stage.play(
        *called()[:-1],
        item_added({"id": "r", "type": "function_call_output", "call_id": "call_1", "output": "rain"}),
        text_delta("café"),
        response_done(status="failed", status_details=details),
        event("input_audio_buffer.timeout_triggered"),
    )
    assert terminal.text == (
        '> # weather({"city": "Paris"})\n'
        "  = rain\n"
        "* caf?\n"
        "error: the answer failed: no money - check the plan and billing of this key's account\n"
        "> \n"
        "- nobody spoke: the server answers by itself\n"
        "> "
    )


def test_a_replay_on_such_a_stream() -> None:
    terminal = Terminal(encoding="ascii")
    terminal.stage.play(GREETING, user("u1", "café?"), *answer("\x1bok"))
    assert terminal.lines == ["> caf??", "* ?ok"]


@pytest.mark.parametrize(("no_color", "is_plain"), [("1", True), ("", False)])
def test_no_color_means_no_escape_sequences_at_all(
    monkeypatch: pytest.MonkeyPatch, no_color: str, is_plain: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal(prompt="› ")
    terminal.stage.play(GREETING, user("u1", "hello"), *answer("hi"), *called(), refusal("c", "bad news"))
    assert ("\x1b" not in terminal.text) is is_plain


WIDTHS = pytest.mark.parametrize("width", [40, 80, 120, None])


@WIDTHS
@pytest.mark.parametrize("name", RECORDINGS)
def test_nothing_is_printed_twice_and_no_line_is_too_wide(name: str, width: int | None) -> None:
    shown = Terminal(width=width) if width else Pipe(shows_user=True)
    view = shown.stage.play(*recorded(name))
    shown.stage.close()
    before = shown.text
    shown.screen.update(view)
    shown.screen.close(view)
    assert shown.text == before
    assert width is None or all(cell_len(line) <= width for line in shown.text.splitlines())


@WIDTHS
@pytest.mark.parametrize("name", SESSIONS)
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_a_recorded_session_comes_out_whole_once_and_in_order(
    name: str, width: int | None, step: int
) -> None:
    elsewhere = make_console(io.StringIO())
    shown = Terminal(width=width, notices=elsewhere) if width else Pipe(shows_user=True)
    events = list(recorded(name))
    for start in range(0, len(events), step):
        shown.stage.at_once(*events[start : start + step])
    shown.stage.close()
    items = shown.stage.session.view().items
    said = {
        role: [squeezed(item.text) for item in items if item.role == role and item.text] for role in ROLES
    }
    assert said["assistant"]
    assert is_mixed_of(words_in(shown.text), said["assistant"], said["user"])


ROLES = ("assistant", "user")


def words_in(text: str) -> str:
    """What users and assistants said; without signs, calls, results and names for the unsaid."""
    text = re.sub(r"(?m)^(⚙|  ↳).*\n(  .*\n)*", "", text)
    text = re.sub(r"(?m)^[●›] ", "", text)
    return squeezed(re.sub(r"(?m)^\((spoken; [a-z ]*|image|no words)\)$", "", text))


def squeezed(text: str) -> str:
    return "".join(text.split())


def is_mixed_of(text: str, *speakers: list[str]) -> bool:
    """Whether the text is made of everybody's words, each one's in order."""
    if not any(speakers):
        return not text
    return any(
        text.startswith(own[0])
        and is_mixed_of(text[len(own[0]) :], *speakers[:n], own[1:], *speakers[n + 1 :])
        for n, own in enumerate(speakers)
        if own
    )
