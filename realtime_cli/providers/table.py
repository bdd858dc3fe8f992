"""The table of providers: dated data from their public documentation, nothing that behaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from realtime_cli.errors import UsageError
from realtime_cli.providers.secrecy import without_secrets

Auth = Literal["bearer", "api-key", "none"]
Dialect = Literal["auto", "ga", "beta"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One server or service: its address, its key, its dialect, and what is different about it.

    `url` is a template: `{model}` is filled in; any other placeholder needs `base_env`, the variable whose
    address replaces the template's host, or the user's own URL. `hosts` may see the key of `key_env` (`*` is
    one label); without `key_env` the server may need no key. A rate of `None` is not recorded, or not PCM.
    """

    name: str
    title: str
    url: str = ""
    hosts: tuple[str, ...] = ()
    base_env: str = ""
    default_model: str | None = None
    auth: Auth = "bearer"
    key_env: tuple[str, ...] = ()
    dialect: Dialect
    input_rate_hz: int | None = 24_000
    output_rate_hz: int | None = 24_000
    session_limit_min: int | None = None
    notes: tuple[str, ...] = ()
    source: str
    dated: str = "2026-11-20"

    def owns(self, host: str) -> bool:
        """Whether the host (lower case) belongs to this provider."""
        return any(_matches(host, pattern) for pattern in self.hosts)


_ROWS = (
    Provider(
        name="openai",
        title="OpenAI",
        url="wss://api.openai.com/v1/realtime?model={model}",
        hosts=("api.openai.com", "*.api.openai.com"),
        base_env="OPENAI_BASE_URL",
        # The newest full model without a shutdown date (gpt-realtime itself ends on 2027-01-20).
        default_model="gpt-realtime-2.1",
        key_env=("OPENAI_API_KEY",),
        dialect="ga",
        session_limit_min=60,
        notes=("a session ends after 60 minutes with session_expired, then close code 1001",),
        source="developers.openai.com: guides/realtime-websocket, models/gpt-realtime-2.1; openai 3.52.0",
    ),
    Provider(
        name="azure",
        title="Azure OpenAI",
        url="wss://{resource}.openai.azure.com/openai/v1/realtime?model={model}",
        hosts=("*.openai.azure.com",),
        base_env="AZURE_OPENAI_ENDPOINT",
        auth="api-key",
        key_env=("AZURE_OPENAI_API_KEY",),
        dialect="ga",
        notes=(
            "the model is the name of your deployment, for transcription too",
            "gpt-realtime-whisper cannot be the model of the connection",
            "deployments of gpt-realtime-1.5 reject reasoning",
        ),
        source="learn.microsoft.com: Azure OpenAI realtime audio; openai 3.52.0",
    ),
    Provider(
        name="azure-legacy",
        title="Azure OpenAI (preview API)",
        url="wss://{resource}.openai.azure.com/openai/realtime?api-version={version}&deployment={model}",
        hosts=("*.openai.azure.com",),
        auth="api-key",
        key_env=("AZURE_OPENAI_API_KEY",),
        dialect="beta",
        notes=(
            "the preview API is deprecated since 2026-04-30: prefer azure",
            "some versions insist on both modalities, audio and text",
        ),
        source="learn.microsoft.com: realtime audio preview API migration guide",
    ),
    Provider(
        name="xai",
        title="xAI",
        url="wss://api.x.ai/v1/realtime?model={model}",
        hosts=("api.x.ai",),
        default_model="grok-voice-latest",
        key_env=("XAI_API_KEY",),
        dialect="ga",
        session_limit_min=60,
        notes=(
            "voice and turn_detection stand at the top of the session",
            "a user's transcript arrives as cumulative updates that may rewrite what came before",
            "usage may be empty, so a cost cannot be told",
            "other error codes than OpenAI's",
        ),
        source="docs.x.ai: voice agent reference",
    ),
    Provider(
        name="qwen",
        title="Qwen (Alibaba Cloud Model Studio)",
        url="wss://dashscope.aliyuncs.com/api-ws/v1/realtime?model={model}",
        hosts=("dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com", "*.*.maas.aliyuncs.com"),
        key_env=("DASHSCOPE_API_KEY",),
        dialect="beta",
        input_rate_hz=16_000,
        session_limit_min=120,
        notes=(
            "hears at 16 kHz, speaks at 24 kHz",
            "outside China pass --url wss://dashscope-intl.aliyuncs.com, or your workspace's own address",
            "tools are nested as {type, function: {...}}",
            "a connection on which nothing was answered is closed as idle",
        ),
        source="alibabacloud.com: Model Studio, Qwen-Omni-Realtime",
    ),
    Provider(
        name="glm",
        title="GLM-Realtime (Zhipu)",
        url="wss://open.bigmodel.cn/api/paas/v4/realtime",
        hosts=("open.bigmodel.cn",),
        key_env=("ZHIPUAI_API_KEY", "ZAI_API_KEY"),
        dialect="beta",
        input_rate_hz=None,
        output_rate_hz=None,
        notes=(
            "every appended block of audio is a WAV file of its own; answers are PCM or MP3",
            "function calls and their results have no call_id",
            "a heartbeat event comes every 30 seconds; usage is all zeros",
        ),
        source="docs.bigmodel.cn: realtime",
    ),
    Provider(
        name="stepfun",
        title="StepFun",
        url="wss://api.stepfun.com/v1/realtime?model={model}",
        hosts=("api.stepfun.com",),
        key_env=("STEPFUN_API_KEY", "STEP_API_KEY"),
        dialect="beta",
        input_rate_hz=None,
        output_rate_hz=None,
        session_limit_min=30,
        notes=("has tools of its own: web_search and retrieval",),
        source="platform.stepfun.com: realtime",
    ),
    Provider(
        name="speaches",
        title="speaches",
        url="ws://localhost:8000/v1/realtime?model={model}",
        dialect="beta",
        session_limit_min=30,
        notes=(
            "cannot cancel or truncate, and has no out-of-band responses",
            "closes with 1008 when it does not accept the key",
        ),
        source="github.com/speaches-ai/speaches",
    ),
    Provider(
        name="localai",
        title="LocalAI",
        url="ws://localhost:8080/v1/realtime?model={model}",
        dialect="ga",
        notes=(
            "event ids are missing, or all the same",
            "sends model_load_error instead of session.created when the model cannot be loaded",
        ),
        source="github.com/mudler/LocalAI",
    ),
    Provider(
        name="local",
        title="embedded server",
        auth="none",
        dialect="ga",
        notes=("runs inside this program; needs neither a key nor a network",),
        source="realtime_cli.server",
    ),
)

PROVIDERS: Mapping[str, Provider] = MappingProxyType({row.name: row for row in _ROWS})


def find_provider(name: str) -> Provider:
    """The provider of that name; raises `UsageError` with the nearest one, or the list."""
    provider = PROVIDERS.get(name.strip().lower())
    if provider is not None:
        return provider
    from difflib import get_close_matches  # noqa: PLC0415 - start-up

    near = get_close_matches(name.lower(), PROVIDERS, n=1)
    known = f"known are {', '.join(PROVIDERS)}"
    hint = f"did you mean {near[0]}? {known}" if near else known
    raise UsageError(f"unknown provider {without_secrets(name)[:60]!r}", hint=hint)


def _matches(host: str, pattern: str) -> bool:
    labels, wanted = host.split("."), pattern.split(".")
    if len(labels) != len(wanted):
        return False
    return all(want in ("*", label) and label for label, want in zip(labels, wanted, strict=True))
