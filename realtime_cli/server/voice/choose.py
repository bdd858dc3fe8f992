"""What listens and what speaks, and the line that says so.

Looking is cheap: nothing heavy is loaded and nothing runs before the first use.
"""

from __future__ import annotations

from .activity import has_webrtc
from .config import VoiceConfig
from .port import Voice
from .recognisers import find_recogniser
from .synthesisers import find_synthesiser

_LOCAL = "the extra local, for example with pip install '.[local]'"


def choose_voice(config: VoiceConfig) -> Voice:
    """What is there, or what was named. Raises `UsageError` where what was named cannot be had."""
    recogniser, synthesiser = find_recogniser(config), find_synthesiser(config)
    lines = [
        f"{synthesiser.name} speaks"
        if synthesiser
        else _nobody("speaks", f"espeak-ng or {_LOCAL}", config.synthesiser),
        f"{recogniser.name} listens" if recogniser else _nobody("listens", _LOCAL, config.recogniser),
    ]
    if not has_webrtc():
        lines.append("loudness alone tells speech from noise, since webrtcvad is not installed")
    return Voice(recogniser, synthesiser, f"speech: {'; '.join(lines)}")


def _nobody(does: str, missing: str, choice: str) -> str:
    return f"nobody {does}, as you wish" if choice == "none" else f"nobody {does}: install {missing}"
