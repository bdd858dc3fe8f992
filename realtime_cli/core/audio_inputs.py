"""What microphone, speaker and the keys around them change in a session: one flat table of cases."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from realtime_cli.protocol.client_events import InputAudioBufferClear
from realtime_cli.protocol.codec import ClientEvent
from realtime_cli.protocol.jsontypes import Json

from . import inputs, interruption
from .audio_settings import input_encoding, session_type, told_turn_detection, turn_detection
from .effects import Listen, StopPlayback
from .part_id import PartId
from .sending import send, send_audio, session_update
from .state import SessionState
from .turns import SHORTEST_TALK_MS
from .view import AUDIO_CODE

AudioInput: TypeAlias = (
    inputs.AudioReady
    | inputs.ListeningMode
    | inputs.TalkStarted
    | inputs.TalkEnded
    | inputs.MuteRequested
    | inputs.MicrophoneEnded
    | inputs.PlaybackProgress
    | inputs.PlaybackStopped
    | inputs.AudioGap
    | inputs.AudioNotice
    | inputs.Backpressure
)


def take(state: SessionState, happened: AudioInput, now: float) -> None:
    """Brings the state up to date with one input of the devices, or of their user."""
    match happened:
        case inputs.AudioReady(microphone, speaker):
            _ready(state, microphone, speaker, now)
        case inputs.ListeningMode(push_to_talk, half_duplex):
            end_talk(state, now)
            state.gate.use(push_to_talk=push_to_talk, half_duplex=half_duplex)
        case inputs.TalkStarted():
            _talk_started(state, now)
        case inputs.TalkEnded():
            _talk_ended(state, now)
        case inputs.MuteRequested(on):
            state.gate.is_muted = on
        case inputs.MicrophoneEnded():
            _microphone_ended(state, now)
        case inputs.PlaybackProgress(item_id, content_index, heard_ms, delay_ms):
            state.moved_s = now
            part_id = PartId(item_id, content_index)
            _heard(state, part_id, heard_ms, now=now, delay_s=_seconds(delay_ms))
        case inputs.PlaybackStopped():
            _stopped(state, happened, now)
        case inputs.AudioGap(source, duration_ms):
            state.gaps = state.gaps.and_one(source, duration_ms)
        case inputs.AudioNotice(level, text, hint, side):
            code = f"{AUDIO_CODE}.{side}" if side else AUDIO_CODE
            state.notice(now, level, text, hint=hint, code=code)
        case inputs.Backpressure():
            _pressed(state, happened, now)
        case _:
            assert_never(happened)


def microphone_block(state: SessionState, block: bytes, now: float) -> None:
    """Sends a block, or what stands for it, if the gate is open."""
    audio = state.gate.admit(block, speaker_sounds=state.playback.sounds(now))
    if audio is not None:
        send_audio(state, audio, now)


def tune(state: SessionState, now: float) -> None:
    """Makes microphone and server fit each other: who finds the turns, and in which encoding."""
    _choose_turn_detection(state, now)
    gate = state.gate
    if gate.microphone and not gate.has_ended and gate.listen(encoding := input_encoding(state)):
        state.effects.append(Listen(encoding))


def end_talk(state: SessionState, now: float) -> None:
    """The tail of a talk, if there is one, has come, or is not waited for: it becomes a turn."""
    released_at = state.gate.released_at
    if released_at is not None:
        state.gate.stop_talking()
        _commit(state, now, spoken_until=released_at)


def stop_overdue(state: SessionState, now: float) -> None:
    """The speaker did not say where it stopped."""
    state.notice(now, "warning", "the speaker did not tell where it stopped: what it told before counts")
    interruption.playback_stopped(state, now)


def speaker_overdue(state: SessionState, now: float) -> None:
    """The speaker did not come back."""
    if state.playback.is_playing:
        state.notice(now, "info", "there is still no speaker: the rest of the answer is to be read only")
        state.effects.append(StopPlayback())
    state.playback.give_up_speaker()


def _ready(state: SessionState, microphone: str, speaker: str, now: float) -> None:
    gate, playback = state.gate, state.playback
    gate.is_listening = gate.is_listening and bool(microphone) and not gate.has_ended
    gate.microphone, gate.has_ended = microphone, False
    if speaker:
        playback.find_speaker(speaker)
        return
    playback.lose_speaker(now)
    if playback.is_stopping:
        interruption.playback_stopped(state, now)


def _choose_turn_detection(state: SessionState, now: float) -> None:
    """With push-to-talk the key finds the turns; without it, whatever found them before."""
    gate = state.gate
    if gate.is_push_to_talk == gate.is_manual:
        return
    gate.is_manual = gate.is_push_to_talk
    if gate.is_manual:
        now_on = turn_detection(state)
        gate.turn_detection_before = now_on or told_turn_detection(state)
        if now_on is not None:
            send(state, _turn_detection_update(state, None), now)
    elif gate.turn_detection_before is not None:
        send(state, _turn_detection_update(state, gate.turn_detection_before), now)


def _turn_detection_update(state: SessionState, wanted: Json | None) -> ClientEvent:
    return session_update({"type": session_type(state), "audio": {"input": {"turn_detection": wanted}}})


def _talk_started(state: SessionState, now: float) -> None:
    gate = state.gate
    may_talk = gate.is_push_to_talk and gate.is_listening and not gate.is_muted
    if gate.is_talking or not may_talk:
        return
    interruption.make_way(state, now)
    waiting = [said for said in state.outbox if isinstance(said, inputs.TalkEnded)]
    if waiting:  # the talk before was not committed yet: both become one
        state.outbox = [said for said in state.outbox if not isinstance(said, inputs.TalkEnded)]
    elif gate.uncommitted_bytes and gate.released_at is None:
        send(state, InputAudioBufferClear(), now)
    gate.start_talking()


def _talk_ended(state: SessionState, now: float) -> None:
    gate = state.gate
    if not gate.is_talking:
        return
    gate.release(now)
    if gate.uncommitted_ms < SHORTEST_TALK_MS:
        end_talk(state, now)


def _commit(state: SessionState, now: float, *, spoken_until: float) -> None:
    """What was spoken since the last commit becomes a turn; if it is long enough to be one."""
    gate = state.gate
    if gate.uncommitted_ms >= SHORTEST_TALK_MS:
        state.outbox.append(inputs.TalkEnded())
        state.stopwatch.start("speech", spoken_until)
        return
    if gate.uncommitted_bytes:
        send(state, InputAudioBufferClear(), now)
    if gate.has_lost_talk:
        state.notice(
            now, "warning", "what you said was lost: the network did not keep up", hint="say it again"
        )
    else:
        state.notice(now, "info", f"nothing was said: that was less than {SHORTEST_TALK_MS} ms")


def _microphone_ended(state: SessionState, now: float) -> None:
    gate = state.gate
    is_talk = gate.is_talking if gate.is_push_to_talk else turn_detection(state) is None
    was_listening = gate.is_listening
    end_talk(state, now)
    gate.stop_talking()
    # Where the server finds the turns, silence may follow, so that it can.
    gate.is_listening, gate.has_ended = was_listening and not is_talk, True
    if was_listening and is_talk:
        _commit(state, now, spoken_until=now)


def _stopped(state: SessionState, stopped: inputs.PlaybackStopped, now: float) -> None:
    part_id = PartId(stopped.item_id, stopped.content_index)
    _heard(state, part_id, stopped.heard_ms, now=now, delay_s=state.playback.delay_s)
    if state.playback.answers_stop(part_id):
        interruption.playback_stopped(state, now)


def _heard(state: SessionState, part_id: PartId, heard_ms: float, *, now: float, delay_s: float) -> None:
    """So much of a part was played; the last of it sounds a little later."""
    for part in state.playback.progress(part_id, heard_ms, now=now, delay_s=delay_s):
        part.response.mark("first_sound", now + delay_s)
        if state.items.get(part.id.item_id) is not None:
            item = state.items.touch(part.id.item_id)
            item.part(part.id.content_index).heard_ms = part.heard_ms


def _seconds(delay_ms: float) -> float:
    """A delay as told by a device; none where that is no delay at all."""
    return delay_ms / 1000 if 0 <= delay_ms < float("inf") else 0.0


def _pressed(state: SessionState, pressure: inputs.Backpressure, now: float) -> None:
    gate = state.gate
    if pressure.is_congested == gate.is_congested:
        return
    if pressure.is_congested:
        gate.congest()
        state.notice(now, "warning", "the network does not keep up: what you say is not sent until it does")
        return
    gate.is_congested = False
    lost = f"{pressure.dropped_ms:.0f} ms of your speech were lost"
    state.notice(now, "warning", f"the network keeps up again; {lost}")
