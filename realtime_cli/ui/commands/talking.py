"""How one talks: the microphone, the answer in progress, voice and words."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_cli.core.inputs import RenewRequested
from realtime_cli.core.view import AUDIO_CODE
from realtime_cli.errors import UsageError
from realtime_cli.protocol.audio import VOICES
from realtime_cli.protocol.jsontypes import Json, is_array
from realtime_cli.visible import one_line

from .command import Command, Group, Offer, Typed
from .desk import Desk
from .layout import paragraph, tell
from .sending import change, require_connection
from .words import Line, split

_MODES = {"text": "typed turns, written answers", "voice": "spoken answers, and the microphone"}
_CUSTOM_VOICE = "voice_"


def _mute(desk: Desk, _: Line) -> None:
    _require_microphone(desk)
    desk.mute()


def _push_to_talk(desk: Desk, _: Line) -> None:
    _require_microphone(desk)
    desk.change_mode()


def _interrupt(desk: Desk, _: Line) -> None:
    audio = desk.view.audio
    if not (desk.view.is_busy or audio.is_playing or audio.is_talking):
        tell(desk, "there is no answer to stop")
    desk.interrupt()


def _reconnect(desk: Desk, _: Line) -> None:
    require_connection(desk)
    desk.post(RenewRequested())


def _quit(desk: Desk, _: Line) -> None:
    desk.leave()


def _mode(desk: Desk, line: Line) -> None:
    words = split(line.rest)
    if len(words) != 1 or words[0] not in _MODES:
        raise UsageError("/mode text, or /mode voice", hint=_mode_now(desk))
    wants_voice = words[0] == "voice"
    audio = desk.view.audio
    if wants_voice and not (audio.microphone or audio.speaker):
        raise UsageError("this session has neither microphone nor speaker", hint=_why_silent(desk))
    modality = "audio" if wants_voice and audio.speaker else "text"
    change(desk, {"output_modalities": [modality]})
    tell(desk, f"answers as {modality} (asked)")
    if audio.microphone and audio.is_muted == wants_voice:
        desk.mute()


def _mode_now(desk: Desk) -> str:
    modalities = desk.view.config.get("output_modalities")
    now = modalities[0] if is_array(modalities) and modalities else None
    return f"answers come as {one_line(now)} now" if isinstance(now, str) else ""


def _voice(desk: Desk, line: Line) -> None:
    words = split(line.rest)
    if not words:
        tell(desk, f"voice: {desk.view.voice or 'as the server likes'}; known are {', '.join(VOICES)}")
        return
    if len(words) > 1:
        raise UsageError("a voice is one name", hint="/voice marin")
    change(desk, {"audio": {"output": {"voice": _voice_of(words[0])}}})
    tell(desk, f"voice: {words[0]} (asked)")


def _voice_of(name: str) -> str | Json:
    return {"id": name} if name.startswith(_CUSTOM_VOICE) else name


def _instructions(desk: Desk, line: Line) -> None:
    if line.rest:
        change(desk, {"instructions": line.rest})
        tell(desk, "other instructions (asked)")
        return
    now = desk.view.config.get("instructions")
    if isinstance(now, str) and now:
        paragraph(desk, now)
    else:
        tell(desk, "there are no instructions, as far as the server tells")


def _require_microphone(desk: Desk) -> None:
    if not desk.view.audio.microphone:
        raise UsageError("there is no microphone in this session", hint=_why_silent(desk))


def _why_silent(desk: Desk) -> str:
    """What to do where a device is missing: one was looked for, or the session was to be a written one."""
    if any(notice.code.partition(".")[0] == AUDIO_CODE for notice in desk.view.notices):
        return "no device was found: realtime devices lists them"
    audio = desk.view.audio
    return "" if audio.microphone or audio.speaker else "start it without --text"


def _modes(typed: Typed) -> Iterator[Offer]:
    if not typed.count:
        yield from (Offer(name, words) for name, words in _MODES.items())


def _voices(typed: Typed) -> Iterator[Offer]:
    if not typed.count:
        yield from (Offer(name, "in use" if name == typed.view.voice else "") for name in VOICES)


GROUP = Group(
    "Talking",
    (
        Command("mute", "", "mute the microphone, or open it again", _mute),
        Command("ptt", "", "push-to-talk, or the open microphone", _push_to_talk),
        Command("interrupt", "", "stop the answer", _interrupt, aliases=("stop",)),
        Command("mode", "text|voice", "how answers come; text mutes too", _mode, _modes),
        Command(
            "voice",
            "NAME",
            "who speaks; alone: who does now",
            _voice,
            _voices,
            more=("OpenAI lets nobody change it once the session has spoken.",),
        ),
        Command("instructions", "TEXT", "how to behave; alone: show them", _instructions),
        Command(
            "reconnect",
            "",
            "go on in a new session that knows what was said",
            _reconnect,
            aliases=("renew",),
            more=(
                "It has a time limit of its own, may have another voice, and knows what was spoken as text.",
                "While there is no connection, the next try comes at once.",
            ),
        ),
        Command("quit", "", "end the session", _quit, aliases=("exit",)),
    ),
)
