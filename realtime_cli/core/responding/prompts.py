"""What one answer is asked to be, and what the brain is told about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from realtime_cli.core.answers import Prompt, Turn
from realtime_cli.protocol.audio import Audio, AudioOutput, CustomVoice
from realtime_cli.protocol.encoding import encoding_of
from realtime_cli.protocol.items import (
    FunctionCall,
    FunctionCallOutput,
    McpApprovalRequest,
    McpApprovalResponse,
    McpCall,
    McpError,
    McpListTools,
    Message,
    text_of,
)
from realtime_cli.protocol.session import FunctionTool, RealtimeSession, ResponseConfig, Tool, ToolChoice

from .history import Entry
from .kept_audio import PartKey
from .merging import AUDIO_OUTPUT
from .messages import VoiceSettings

_Role: TypeAlias = Literal["system", "user", "assistant"]
_NOT_MADE = "This call was not approved."
_ROLES: Mapping[str, _Role] = {"system": "system", "assistant": "assistant"}


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """The session's settings with the overrides of one `response.create`."""

    model: str
    instructions: str
    modality: Literal["text", "audio"]
    tools: tuple[Tool, ...]
    tool_choice: str
    max_output_tokens: int | None
    audio: AudioOutput
    metadata: dict[str, str] | None

    @property
    def shown_audio(self) -> Audio:
        """Format and voice, which is what a response shows of its audio."""
        return Audio(output=AudioOutput(format=self.audio.format, voice=self.audio.voice))

    @property
    def voice(self) -> VoiceSettings | None:
        """How the answer is to sound; None: it is written."""
        if self.modality == "text":
            return None
        voice = self.audio.voice
        name = voice.id if isinstance(voice, CustomVoice) else voice
        return VoiceSettings(name or "", float(self.audio.speed or 1), encoding_of(self.audio.format))


def settings_for(session: RealtimeSession, config: ResponseConfig) -> AnswerSettings:
    """The settings of an answer; what the request leaves out, or gives as null, is the session's."""
    modalities = config.output_modalities or session.output_modalities
    limit = config.max_output_tokens or session.max_output_tokens
    tools = session.tools if config.tools is None else config.tools
    instructions = session.instructions if config.instructions is None else config.instructions
    return AnswerSettings(
        model=session.model or "",
        instructions=instructions or "",
        modality="text" if modalities == ["text"] else "audio",
        tools=tuple(tools or ()),
        tool_choice=_choice(config.tool_choice or session.tool_choice),
        max_output_tokens=limit if isinstance(limit, int) else None,
        audio=_audio(config.audio, session.audio),
        metadata=config.metadata,
    )


def prompt_for(settings: AnswerSettings, entries: Iterable[Entry], words: Mapping[PartKey, str]) -> Prompt:
    """The brain's question: the settings, and the items as turns, oldest first.

    `words` are those of parts that do not show them.
    """
    return Prompt(
        instructions=settings.instructions,
        turns=tuple(_turns(entries, words)),
        tools=tuple(tool.to_wire() for tool in settings.tools if isinstance(tool, FunctionTool)),
        tool_choice=settings.tool_choice,
        model=settings.model,
        max_output_tokens=settings.max_output_tokens,
    )


def _turns(entries: Iterable[Entry], words: Mapping[PartKey, str]) -> Iterator[Turn]:
    for entry in entries:
        match item := entry.item:
            case Message():
                yield Turn(_ROLES.get(item.role or "", "user"), _text(item, words))
            case FunctionCall():
                yield Turn("call", item.arguments or "", name=item.name or "", call_id=item.call_id or "")
            case FunctionCallOutput():
                yield Turn("call_output", item.output or "", call_id=item.call_id or "")
            case McpCall():
                yield from _mcp_turns(item)
            case McpListTools() | McpApprovalRequest() | McpApprovalResponse():
                pass
            case _:
                assert_never(item)


def _mcp_turns(call: McpCall) -> Iterator[Turn]:
    """The call, and what came of it, as of any function."""
    call_id, error = call.id or "", call.error
    yield Turn("call", call.arguments or "", name=call.name or "", call_id=call_id)
    if call.status == "incomplete" and error is None:
        yield Turn("call_output", _NOT_MADE, call_id=call_id, is_denied=True)
        return
    words = error.message if isinstance(error, McpError) else error
    yield Turn("call_output", words or call.output or "", call_id=call_id)


def _text(message: Message, words: Mapping[PartKey, str]) -> str:
    texts = (
        words.get((message.id or "", index)) or text_of(part)
        for index, part in enumerate(message.content or ())
    )
    return "\n".join(filter(None, texts))


def _choice(choice: str | ToolChoice | None) -> str:
    if isinstance(choice, ToolChoice):
        return choice.name or "auto"
    return choice or "auto"


def _audio(override: Audio | None, session: Audio | None) -> AudioOutput:
    own = (session and session.output) or AUDIO_OUTPUT
    asked = (override and override.output) or own
    return AudioOutput(
        format=asked.format or own.format, voice=asked.voice or own.voice, speed=asked.speed or own.speed
    )
