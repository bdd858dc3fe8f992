"""Turns that end by what was said (`semantic_vad`)."""

from __future__ import annotations

import pytest

from realtime_cli.core.responder import TranscriptFailed, TranscriptFinished, TranscriptPiece
from realtime_cli.core.responding.turn_detection import TurnDetector
from realtime_cli.core.responding.turn_rules import patience_ms, turn_rules
from realtime_cli.protocol.audio import SemanticVad
from tests.support.responder_play import Json, Play, ScriptedActivity, silence, types, voice

STOPPED = "input_audio_buffer.speech_stopped"
TURN = [
    STOPPED,
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
]


def semantic(**settings: object) -> Play:
    play = Play(voice_activity=ScriptedActivity)
    play.detect(type="semantic_vad", **settings)
    return play


def paused(play: Play, words: str) -> list[Json]:
    """The user says something, and stops for 200 ms."""
    play.append(voice(400) + silence(200))
    return play.receive(TranscriptFinished(play.heard[-1].item_id, words))


def test_a_pause_asks_for_the_words_so_far() -> None:
    play = semantic()
    play.transcribe(language="en", prompt="Names")
    play.append(silence(1000) + voice(400) + silence(180))
    assert play.heard == []
    play.append(silence(20))
    draft = play.heard[0]
    assert draft.audio == silence(300) + voice(400) + silence(200)
    assert (draft.is_final, draft.language, draft.prompt) == (False, "en", "Names")
    play.append(silence(100))
    assert len(play.heard) == 1


@pytest.mark.parametrize(
    ("eagerness", "soon_ms", "later_ms", "longest_ms"),
    [
        ("high", 200, 500, 2000),
        ("medium", 400, 1000, 4000),
        ("auto", 400, 1000, 4000),
        ("low", 800, 2000, 8000),
    ],
)
def test_words_decide_how_long_a_pause_may_last(
    eagerness: str, soon_ms: int, later_ms: int, longest_ms: int
) -> None:
    for words, wait_ms in [
        ("What time is it?", soon_ms),
        ("what time is it", later_ms),
        ("", later_ms),
        ("What time, ", longest_ms),
    ]:
        play = semantic(eagerness=eagerness)
        events = paused(play, words)
        waited_ms = 200
        while not events:
            events = play.append(silence(20))
            waited_ms += 20
        assert types(events) == TURN
        assert (waited_ms, events[0]["audio_end_ms"]) == (wait_ms, 400 + wait_ms)


@pytest.mark.parametrize(
    ("words", "share"),
    [
        ('He said "Go!" ', 0.1),
        ("行きますか？", 0.1),
        ("Well...", 1),
        ("Well…", 1),
        ("and then -", 1),
        ("yes", 0.25),
        ("  ", 0.25),
    ],
)
def test_a_sentence_is_told_by_its_end(words: str, share: float) -> None:
    assert patience_ms(words, 1000) == 1000 * share


def test_the_longest_wait_holds_where_no_words_come() -> None:
    play = semantic(eagerness="high")
    play.append(voice(400) + silence(1980))
    events = play.append(silence(20))
    assert types(events) == TURN
    draft, final = play.heard
    assert play.unheard == [draft.item_id]
    assert (final.is_final, final.item_id) == (True, events[0]["item_id"])
    assert play.receive(TranscriptFinished(draft.item_id, "Too late.")) == []
    assert play.asked == []


def test_a_recogniser_that_fails_leaves_it_to_the_pause() -> None:
    play = semantic(eagerness="high")
    play.append(voice(400) + silence(200))
    assert play.receive(TranscriptFailed(play.heard[0].item_id, "none", "No recogniser.")) == []
    assert types(play.append(silence(300))) == TURN


def test_speech_that_goes_on_takes_the_question_back() -> None:
    play = semantic(eagerness="high")
    play.append(voice(400) + silence(200))
    draft = play.heard[0].item_id
    play.append(voice(40))
    assert play.unheard == [draft]
    assert play.receive(TranscriptFinished(draft, "One.")) == []
    assert play.append(silence(180)) == []
    play.append(silence(20))
    assert len(play.heard) == 2
    assert play.heard[1].audio == voice(400) + silence(200) + voice(40) + silence(200)
    assert types(play.receive(TranscriptFinished(play.heard[1].item_id, "One. Two."))) == TURN


def test_words_that_were_understood_already_are_forgotten_when_speech_goes_on() -> None:
    play = semantic()
    assert paused(play, "What time") == []
    events = play.append(voice(400) + silence(4000))
    assert types(events) == TURN
    assert play.heard[-1].is_final


def test_what_the_pause_told_is_not_asked_for_again() -> None:
    play = semantic(eagerness="high")
    play.transcribe()
    events = paused(play, "What time is it?")
    completed = "conversation.item.input_audio_transcription.completed"
    assert types(events) == [*TURN[:-1], completed, TURN[-1]]
    assert events[-2]["transcript"] == "What time is it?"
    assert len(play.heard) == 1
    assert play.prompt.turns[0].text == "What time is it?"


def test_words_decide_nothing_while_nobody_pauses() -> None:
    rules = turn_rules(SemanticVad())
    assert rules is not None
    detector = TurnDetector(rules, start_ms=0)
    assert list(detector.consider("Yes.")) == []
    assert [mark.kind for mark in detector.hear([True] * 5)] == ["started"]
    assert list(detector.consider("Yes.")) == []


def test_pieces_of_a_draft_are_not_shown() -> None:
    play = semantic()
    play.transcribe()
    play.append(voice(400) + silence(200))
    assert play.receive(TranscriptPiece(play.heard[0].item_id, "What")) == []


@pytest.mark.parametrize("deed", ["commit", "clear"])
def test_a_turn_that_the_client_ends_needs_no_draft(deed: str) -> None:
    play = semantic()
    play.append(voice(400) + silence(200))
    play.say(f"input_audio_buffer.{deed}")
    assert play.unheard == [play.heard[0].item_id]
    assert play.receive(TranscriptFinished(play.heard[0].item_id, "Done.")) == []


def test_a_change_to_semantic_turns_holds_for_the_turn_under_way() -> None:
    play = Play(voice_activity=ScriptedActivity)
    play.append(voice(400))
    play.detect(type="semantic_vad", eagerness="high")
    assert types(paused(play, "Yes.")) == TURN


def test_other_settings_judge_a_pause_anew() -> None:
    play = semantic()
    play.append(voice(400) + silence(200))
    draft = play.heard[0].item_id
    play.update(instructions="Short.")
    assert play.unheard == []
    play.detect(type="semantic_vad", eagerness="high")
    assert play.unheard == [draft]
    play.append(silence(20))
    assert play.receive(TranscriptFinished(draft, "Stale.")) == []
    play.receive(TranscriptFinished(play.heard[-1].item_id, "what time"))
    assert types(play.append(silence(280))) == TURN


def test_server_turns_do_not_wait_for_words_that_were_asked_for_before() -> None:
    play = semantic()
    assert paused(play, "What time, ") == []
    play.detect(type="server_vad")
    assert types(play.append(silence(20))) == TURN


def test_speech_interrupts_here_too() -> None:
    play = semantic()
    play.ask()
    assert "response.done" in types(play.append(voice(60)))
    play.detect(type="semantic_vad", interrupt_response=False, create_response=False, eagerness="high")
    assert types(paused(play, "Yes.")) == TURN[:-1]
