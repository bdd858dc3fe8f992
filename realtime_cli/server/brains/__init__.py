"""The brains of the embedded server: what answers in it. Each is loaded when it is chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from realtime_cli.errors import UsageError
from realtime_cli.server.brains.port import Brain

NAMES = ("rules", "script", "chat")


def make_brain(
    name: str, *, script: Path | None, url: str | None, model: str | None, api_key: str | None
) -> Callable[[], Brain]:
    """The factory to call once for each connection; files are read and settings checked now.

    Raises `UsageError` for an unknown name or a setting that is missing, `BadInput` for a bad script.
    """
    match name:
        case "rules":
            return _rules()
        case "script":
            return _script(script)
        case "chat":
            return _chat(url, model=model, api_key=api_key)
        case _:
            raise UsageError(f'no brain is called "{name}"', hint=f"The brains are: {', '.join(NAMES)}.")


def _rules() -> Callable[[], Brain]:
    from realtime_cli.server.brains.rules import RulesBrain  # noqa: PLC0415 - loaded when chosen.

    return RulesBrain


def _script(path: Path | None) -> Callable[[], Brain]:
    from realtime_cli.server.brains.script import ScriptBrain  # noqa: PLC0415 - loads yaml.
    from realtime_cli.server.brains.script_file import load_script  # noqa: PLC0415 - loads yaml.

    if path is None:
        raise UsageError(
            'the brain "script" has no script', hint="Give the path of a script in YAML or JSON."
        )
    script = load_script(path)
    return lambda: ScriptBrain(script)


def _chat(url: str | None, *, model: str | None, api_key: str | None) -> Callable[[], Brain]:
    from realtime_cli.server.brains.chat import ChatBrain  # noqa: PLC0415 - loads httpx2.

    if not url:
        hint = "Give one with --brain-url, such as http://localhost:11434 for Ollama."
        raise UsageError('the brain "chat" has no URL', hint=hint)
    ChatBrain(url, model, api_key)
    return lambda: ChatBrain(url, model, api_key)
