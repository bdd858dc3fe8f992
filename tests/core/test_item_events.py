"""The user's audio and its words, which come late, out of order, or not at all."""

from __future__ import annotations

import pytest

from realtime_cli.core.inputs import UserEvent, UserItem, UserText
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.protocol.codec import ServerEvent
from tests.support.builders import (
    beside,
    event,
    function_call,
    greeted,
    item_added,
    message,
    response_created,
    response_done,
    text_delta,
)
from tests.support.playbook import listen

TRANSCRIBING = {"audio": {"input": {"transcription": {"model": "whisper-1"}}}}


def heard(name: str, item_id: str | None = "user_1", **fields: object) -> ServerEvent:
    places = {} if item_id is None else {"item_id": item_id}
    return event(f"conversation.item.input_audio_transcription.{name}", content_index=0, **places, **fields)


def committed(item_id: str | None = "user_1", after: str | None = None) -> ServerEvent:
    return event("input_audio_buffer.committed", item_id=item_id, previous_item_id=after)


def transcribing() -> Session:
    session = greeted()
    listen(session, event("session.updated", session={"type": "realtime", **TRANSCRIBING}))
    return session


def words(view: SessionView) -> list[str]:
    return [item.text for item in view.items]


def test_a_commit_makes_an_item_whose_words_are_awaited() -> None:
    (item,) = listen(transcribing(), committed()).items
    assert (item.role, item.has_audio, item.awaits_transcript, item.text) == ("user", True, True, "")


def test_without_transcription_no_words_are_awaited() -> None:
    (item,) = listen(greeted(), committed()).items
    assert not item.awaits_transcript


def test_words_that_a_server_sends_unasked_are_awaited_to_their_end() -> None:
    session = greeted()
    view = listen(session, committed(), heard("delta", delta="Hel"))
    assert view.items[0].awaits_transcript
    view = listen(session, heard("completed", transcript="Hello."), heard("delta", delta="lo"))
    assert not view.items[0].awaits_transcript


def test_words_behind_a_failure_are_not_awaited() -> None:
    view = listen(greeted(), committed(), heard("failed", error="no"), heard("delta", delta="Hel"))
    assert not view.items[0].awaits_transcript


def test_deltas_grow_until_the_whole_text_replaces_them() -> None:
    session = transcribing()
    view = listen(session, committed(), heard("delta", delta=" Hel"), heard("delta", delta="lo"))
    assert (words(view), view.items[0].awaits_transcript) == ([" Hello"], True)
    view = listen(session, heard("completed", transcript="Hello."))
    assert (words(view), view.items[0].awaits_transcript) == (["Hello."], False)


def test_words_of_two_turns_that_come_late_and_out_of_order_reach_their_own_items() -> None:
    view = listen(
        transcribing(),
        committed("user_1"),
        committed("user_2", after="user_1"),
        response_created(),
        heard("completed", "user_2", transcript="Second."),
        heard("completed", "user_1", transcript="First."),
    )
    assert words(view) == ["First.", "Second."]


def test_the_whole_text_holds_against_deltas_that_come_after_it() -> None:
    view = listen(
        transcribing(), committed(), heard("completed", transcript="Hello."), heard("delta", delta="lo")
    )
    assert words(view) == ["Hello."]


def test_the_last_of_several_whole_texts_holds() -> None:
    view = listen(
        transcribing(),
        committed(),
        heard("completed", transcript="I"),
        heard("completed", transcript="I think"),
        heard("completed", transcript="I think so."),
    )
    assert words(view) == ["I think so."]


def test_a_whole_text_without_words_keeps_those_that_came() -> None:
    view = listen(transcribing(), committed(), heard("delta", delta="Hello"), heard("completed"))
    assert (words(view), view.items[0].awaits_transcript) == (["Hello"], False)


def test_a_cumulative_transcript_replaces_what_was_before() -> None:
    session = transcribing()
    view = listen(
        session,
        heard("updated", transcript="I sink"),
        heard("updated", transcript="I think so"),
        committed(),
    )
    assert (words(view), view.items[0].role, view.counters.unknown) == (["I think so"], "user", 0)
    view = listen(session, heard("completed", transcript="I think so!"), heard("updated", transcript="I"))
    assert words(view) == ["I think so!"]


@pytest.mark.parametrize("fields", [{"transcript": 5}, {"delta": "x"}, {"item_id": None, "transcript": "x"}])
def test_a_cumulative_transcript_that_cannot_be_placed_is_an_unknown_event(fields: dict[str, object]) -> None:
    view = listen(greeted(), event("conversation.item.input_audio_transcription.updated", **fields))
    assert (view.items, view.counters.unknown) == ((), 1)


def test_words_that_come_before_the_commit_are_not_awaited_again() -> None:
    view = listen(transcribing(), heard("completed", transcript="Early."), committed())
    assert (words(view), view.items[0].awaits_transcript) == (["Early."], False)


def test_a_failed_transcription_is_told_and_no_longer_awaited() -> None:
    failed = heard("failed", error={"code": "audio_unintelligible", "message": "Could not understand."})
    view = listen(transcribing(), committed(), failed)
    assert not view.items[0].awaits_transcript
    assert view.items[0].transcription_error == "Could not understand."
    (notice,) = view.notices
    assert notice.level == "warning"
    assert notice.text == "what you said could not be transcribed: Could not understand."


def test_that_nobody_writes_down_what_is_said_is_told_once() -> None:
    nobody = heard("failed", error={"code": "transcription_unavailable", "message": "No recogniser."})
    other = heard("failed", error={"code": "audio_unintelligible", "message": "Could not understand."})
    view = listen(transcribing(), nobody, nobody, other, other)
    told = [notice.code for notice in view.notices]
    assert told == ["transcription_unavailable", "audio_unintelligible", "audio_unintelligible"]


def test_a_transcription_that_failed_before_the_commit_is_not_awaited() -> None:
    view = listen(transcribing(), heard("failed", error="no such deployment"), committed())
    assert not view.items[0].awaits_transcript
    assert view.items[0].transcription_error == "no such deployment"


def test_segments_repeat_words_and_add_none() -> None:
    view = listen(
        transcribing(), committed(), heard("delta", delta="Hi"), heard("segment", text="Hi", speaker="A")
    )
    assert words(view) == ["Hi"]


def test_words_without_an_item_belong_to_the_last_one_of_the_user() -> None:
    view = listen(
        transcribing(),
        committed("user_1"),
        committed("user_2"),
        item_added(message("answer", "Hi")),
        heard("completed", None, transcript="What?"),
    )
    assert words(view) == ["", "What?", "Hi"]


def test_an_announced_item_without_words_keeps_the_transcript() -> None:
    audio = {"type": "input_audio", "transcript": None}
    view = listen(
        transcribing(),
        heard("delta", delta="Hello"),
        item_added({"id": "user_1", "type": "message", "role": "user", "content": [audio]}),
    )
    assert words(view) == ["Hello"]


SAID = UserItem('{"type":"message","role":"user","content":[{"type":"input_audio","audio":"AAAA"}]}')


def said(item_id: str = "user_1", **content: object) -> ServerEvent:
    """The server's word that a sound of the user's stands in the conversation."""
    audio = {"type": "input_audio", "transcript": None, **content}
    return item_added({"id": item_id, "type": "message", "role": "user", "content": [audio]})


def test_the_words_of_a_sound_that_we_sent_are_awaited_like_those_of_the_microphone() -> None:
    session = transcribing()
    view = listen(session, SAID, said())
    assert (view.items[0].has_audio, view.items[0].awaits_transcript) == (True, True)
    view = listen(session, heard("completed", transcript="What can you do?"))
    assert (words(view), view.items[0].awaits_transcript) == (["What can you do?"], False)


@pytest.mark.parametrize(
    "before", [said(transcript="Told at once."), heard("completed", transcript="Told before.")]
)
def test_words_of_a_sound_that_are_known_already_are_not_awaited(before: ServerEvent) -> None:
    view = listen(transcribing(), SAID, before, said())
    assert (len(view.items), view.items[0].awaits_transcript) == (1, False)


def test_a_sound_that_nobody_transcribes_or_that_is_not_ours_is_not_awaited() -> None:
    assert not listen(greeted(), SAID, said()).items[0].awaits_transcript
    assert not listen(transcribing(), said()).items[0].awaits_transcript


def test_typed_words_are_not_awaited() -> None:
    text = message("msg_user_1", role="user", content=[{"type": "input_text", "text": "hello"}])
    assert not listen(transcribing(), UserText("hello"), item_added(text)).items[0].awaits_transcript


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_words_of_a_sound_that_have_not_come_with_the_end_of_its_answer_are_not_awaited(status: str) -> None:
    session = transcribing()
    view = listen(session, SAID, said(), response_created(), text_delta("I hear you."))
    assert view.items[0].awaits_transcript
    assert not listen(session, response_done(status=status)).items[0].awaits_transcript


@pytest.mark.parametrize(("status", "awaits"), [("failed", False), ("cancelled", True)])
def test_an_answer_without_items_ends_the_wait_unless_it_was_interrupted(status: str, awaits: bool) -> None:
    view = listen(transcribing(), SAID, said(), response_created(), response_done(status=status))
    assert view.items[0].awaits_transcript is awaits


def test_the_end_of_an_answer_before_a_sound_ends_no_wait_for_its_words() -> None:
    session = transcribing()
    view = listen(session, response_created(), text_delta("One."), SAID, said(), response_done())
    assert [item.awaits_transcript for item in view.items] == [False, True]


def test_the_end_of_an_answer_beside_the_conversation_ends_no_wait() -> None:
    session = transcribing()
    listen(session, SAID, said(), response_created(), beside()[0])
    view = listen(session, response_created("resp_2", conversation_id=None), response_done("resp_2"))
    assert view.items[0].awaits_transcript


def test_the_microphones_words_are_awaited_beyond_the_answer() -> None:
    view = listen(transcribing(), committed(), response_created(), text_delta("Yes."), response_done())
    assert view.items[0].awaits_transcript


@pytest.mark.parametrize(("transcript", "is_silent"), [("", True), (" ", True), ("Hm", False), (None, False)])
def test_a_transcript_without_words_tells_that_there_are_none(
    transcript: str | None, is_silent: bool
) -> None:
    view = listen(transcribing(), committed(), heard("completed", transcript=transcript))
    assert view.items[0].is_silent is is_silent


def test_what_the_server_commits_because_nobody_spoke_has_no_words() -> None:
    timeout = event(
        "input_audio_buffer.timeout_triggered", item_id="user_1", audio_start_ms=0, audio_end_ms=5
    )
    view = listen(greeted(), timeout, committed("user_1"), committed("user_2", after="user_1"))
    assert [(item.id, item.is_silent) for item in view.items] == [("user_1", True), ("user_2", False)]


def test_a_commit_without_an_item_makes_none() -> None:
    assert listen(transcribing(), committed(None)).items == ()


def test_speech_starts_and_stops() -> None:
    session = greeted()
    assert listen(session, event("input_audio_buffer.speech_started", item_id="user_1")).user_speaking
    assert not listen(session, event("input_audio_buffer.speech_stopped", audio_end_ms=800)).user_speaking
    listen(session, event("input_audio_buffer.speech_started"))
    assert not listen(session, committed()).user_speaking


def test_a_call_that_we_write_into_the_history_is_not_made_again() -> None:
    call = '{"id":"fc_1","type":"function_call","name":"weather","call_id":"call_1","arguments":"{}"}'
    output = {"id": "out_1", "type": "function_call_output", "call_id": "call_1", "output": "12"}
    session = greeted()
    view = listen(
        session,
        UserEvent(f'{{"type":"conversation.item.create","item":{call}}}'),
        item_added(function_call("fc_1", arguments="{}", status="completed")),
        event("conversation.item.done", item=function_call("fc_1", arguments="{}", status="completed")),
    )
    assert [seen.state for seen in view.calls] == ["collecting"]
    view = listen(session, item_added(output, after="fc_1"))
    assert [(seen.state, seen.output) for seen in view.calls] == [("done", "12")]


def test_a_complete_call_item_of_the_server_is_a_pending_call() -> None:
    view = listen(greeted(), item_added(function_call("fc_1", arguments="{}", status="completed")))
    assert [(call.state, call.arguments) for call in view.calls] == [("pending", "{}")]
