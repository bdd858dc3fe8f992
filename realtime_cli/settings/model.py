"""The settings themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

Dialect = Literal["auto", "ga", "beta"]
EchoPolicy = Literal["auto", "aec", "system", "half-duplex", "off"]
Vad = Literal["server", "semantic", "none"]
Eagerness = Literal["low", "medium", "high", "auto"]
NoiseReduction = Literal["near_field", "far_field"]
AudioFormatName = Literal["pcm", "pcmu", "pcma"]
Theme = Literal["auto", "dark", "light", "none"]
# Whether the user is asked before a tool runs.
Approval = Literal["always", "never", "ask"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a command may want to know from its user; `repr` leaves out what can hold secrets."""

    provider: str | None = None
    url: str | None = field(default=None, repr=False)
    model: str | None = None
    voice: str | None = None
    instructions: str | None = None
    text: bool = False
    session: Mapping[str, object] = field(default_factory=dict[str, object], repr=False)
    api_key: str | None = field(default=None, repr=False)
    key_env: str | None = field(default=None, repr=False)
    key_command: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    insecure: bool = False
    dialect: Dialect = "auto"
    log: Path | None = None
    no_log: bool = False
    timeout_s: float = 10.0
    reconnect: bool | None = None
    brain: str | None = None
    brain_url: str | None = field(default=None, repr=False)
    brain_model: str | None = None
    input_device: str = ""
    output_device: str = ""
    block_ms: float = 20.0
    latency: str = "low"
    echo: EchoPolicy = "auto"
    ptt: bool = False
    vad: Vad | None = None
    vad_threshold: float | None = None
    prefix_ms: int | None = None
    silence_ms: int | None = None
    idle_timeout_ms: int | None = None
    eagerness: Eagerness | None = None
    noise_reduction: NoiseReduction | None = None
    transcribe: str | None = None
    language: str | None = None
    speed: float | None = None
    audio_format: AudioFormatName | None = None
    stt: str = "auto"
    stt_url: str | None = field(default=None, repr=False)
    stt_model: str | None = None
    tts: str = "auto"
    tts_url: str | None = field(default=None, repr=False)
    tts_model: str | None = None
    max_cost: float | None = None
    max_minutes: float | None = None
    prices: Path | None = None
    theme: Theme = "auto"
    calm: bool = False
    approve: Approval = "ask"
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    origins: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def origin(self, name: str) -> str:
        """Where a value comes from: `--model`, `REALTIME_MODEL`, `.env`, `config.toml` or `default`.

        Takes a setting's name, `headers.NAME` (lower case) for one header, or an environment variable's name
        (`.env` when that file gave it, else `default`).
        """
        return self.origins.get(name, "default")


NAMES = tuple(each.name for each in fields(Settings) if each.name not in ("env", "origins"))
# A key's value never comes from a flag (it would end in process lists) or from the config file.
FLAG_NAMES = frozenset(NAMES) - {"api_key"}
