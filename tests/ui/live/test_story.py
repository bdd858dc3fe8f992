from __future__ import annotations

import base64
import io

import pytest
from rich.text import Text

from realtime_cli.core.inputs import (
    AudioReady,
    CancelRequested,
    ConnectionLost,
    ConnectionOpened,
    ListeningMode,
    PlaybackProgress,
    PlaybackStopped,
    SessionInput,
    TalkStarted,
    UserEvent,
    UserText,
)
from realtime_cli.core.session import Session
from realtime_cli.protocol.codec import ServerEvent
from realtime_cli.ui.live.story import Rows, Story
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

TRANSCRIBING = event(
    "session.created",
    session={"type": "realtime", "audio": {"input": {"transcription": {"model": "whisper-1"}}}},
)
SPOKEN = event("input_audio_buffer.committed", item_id="u1")
HEARD = event(
    "conversation.item.input_audio_transcription.completed", item_id="u1", transcript="Do you hear?"
)


class Show:
    """A story with what it has told so far, and what is live."""

    def __init__(self, *, width: int = 40, encoding: str = "utf-8", devices: bool = False) -> None:
        self.console = make_console(io.TextIOWrapper(io.BytesIO(), encoding=encoding), width=width)
        self.story = Story(self.console)
        self.session = Session()
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


def test_a_remark_is_told_between_paragraphs() -> None:
    show = Show(width=24)
    show.story.remark(Text("the log cannot be written any more", "info"))
    show.play(*answer("fine"))
    assert show.told == ["the log cannot be", "written any more", "● fine"]


def test_the_calls_of_an_answer_are_live_until_they_are_over() -> None:
    show = Show(width=60)
    call = function_call("c", arguments='{"city": "Paris"}', status="completed")
    show.play(
        response_created(),
        event("response.output_item.added", response_id="resp_1", item={**call, "status": "in_progress"}),
    )
    assert show.live == ['⚙ weather({"city": "Paris"})']
    result = {"id": "r", "type": "function_call_output", "call_id": "call_1", "output": "rain"}
    show.play(event("response.output_item.done", response_id="resp_1", item=call), response_done())
    show.play(item_added(result))
    assert show.told == ['⚙ weather({"city": "Paris"})', "  ↳ rain"]


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
