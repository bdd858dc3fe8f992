from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime_cli.errors import UsageError
from realtime_cli.providers import PROVIDERS, Endpoint, endpoint_for
from realtime_cli.settings import Settings

Connect = Callable[..., Endpoint]
KEY = "sk-" + "x" * 20
OTHER = "k" * 32
BEARER = {"Authorization": f"Bearer {KEY}"}
OPENAI_URL = "wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1"
GATEWAY_REASON = (
    "OpenAI at ws://localhost:4000/v1/realtime?model=gpt-realtime-2.1 (OPENAI_BASE_URL), "
    "key from OPENAI_API_KEY"
)


# --- which server ---


def test_without_a_key_it_is_the_embedded_server(connect: Connect) -> None:
    endpoint = connect({}, {"OPENAI_API_KEY": " "})
    assert endpoint.reason == "embedded server (no OPENAI_API_KEY, no --url)"
    assert endpoint.is_embedded
    assert (endpoint.provider, endpoint.dialect, endpoint.url, endpoint.headers) == ("local", "ga", "", {})


def test_with_a_key_it_is_openai(connect: Connect) -> None:
    endpoint = connect({}, {"OPENAI_API_KEY": f"{KEY}\n"})
    assert endpoint.reason == "OpenAI (OPENAI_API_KEY is set)"
    assert (endpoint.url, endpoint.headers, endpoint.provider) == (OPENAI_URL, BEARER, "openai")
    assert (endpoint.model, endpoint.dialect) == ("gpt-realtime-2.1", "ga")
    assert endpoint.secrets == {KEY, f"Bearer {KEY}"}
    assert not endpoint.is_embedded


def test_a_key_in_dotenv_counts(connect: Connect) -> None:
    assert connect(dotenv=f"OPENAI_API_KEY={KEY}\n").headers == BEARER


def test_an_explicit_key_is_a_key_for_openai(connect: Connect) -> None:
    assert connect({}, {"REALTIME_API_KEY": KEY}).reason == "OpenAI (REALTIME_API_KEY is set)"


def test_the_embedded_server_is_a_provider_too(connect: Connect) -> None:
    environ = {"OPENAI_API_KEY": KEY, "REALTIME_URL": "wss://dev.example"}
    endpoint = connect({"provider": "local", "model": "m", "dialect": "beta"}, environ)
    assert endpoint.is_embedded
    assert endpoint.reason == "embedded server (--provider)"
    assert (endpoint.model, endpoint.dialect, endpoint.secrets) == ("m", "beta", frozenset())


@pytest.mark.parametrize(
    ("name", "flags", "environ", "url", "headers"),
    [
        (
            "openai",
            {"model": "a/b"},
            {"OPENAI_API_KEY": KEY},
            OPENAI_URL.replace("gpt-realtime-2.1", "a%2Fb"),
            BEARER,
        ),
        ("xai", {}, {"XAI_API_KEY": KEY}, "wss://api.x.ai/v1/realtime?model=grok-voice-latest", BEARER),
        (
            "qwen",
            {"model": "qwen3-omni"},
            {"DASHSCOPE_API_KEY": KEY},
            "wss://dashscope.aliyuncs.com/api-ws/v1/realtime?model=qwen3-omni",
            BEARER,
        ),
        ("glm", {}, {"ZAI_API_KEY": KEY}, "wss://open.bigmodel.cn/api/paas/v4/realtime", BEARER),
        (
            "stepfun",
            {"model": "s"},
            {"STEP_API_KEY": KEY},
            "wss://api.stepfun.com/v1/realtime?model=s",
            BEARER,
        ),
        ("speaches", {"model": "m"}, {"OPENAI_API_KEY": KEY}, "ws://localhost:8000/v1/realtime?model=m", {}),
        (
            "localai",
            {"model": "m"},
            {"REALTIME_API_KEY": KEY},
            "ws://localhost:8080/v1/realtime?model=m",
            BEARER,
        ),
        (
            "azure",
            {"model": "mine"},
            {"AZURE_OPENAI_API_KEY": KEY, "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com/"},
            "wss://r.openai.azure.com/openai/v1/realtime?model=mine",
            {"api-key": KEY},
        ),
    ],
)
def test_each_provider_has_its_address_and_its_key(
    connect: Connect,
    name: str,
    flags: dict[str, object],
    environ: dict[str, str],
    url: str,
    headers: dict[str, str],
) -> None:
    endpoint = connect({"provider": name, **flags}, environ)
    assert (endpoint.url, endpoint.headers, endpoint.provider) == (url, headers, name)
    assert endpoint.dialect == PROVIDERS[name].dialect
    assert PROVIDERS[name].title in endpoint.reason


@pytest.mark.parametrize(
    ("flags", "environ", "reason"),
    [
        ({"provider": "xai"}, {"XAI_API_KEY": KEY}, "xAI (--provider), key from XAI_API_KEY"),
        (
            {},
            {"REALTIME_PROVIDER": "xai", "XAI_API_KEY": KEY},
            "xAI (REALTIME_PROVIDER), key from XAI_API_KEY",
        ),
        ({"url": "wss://host"}, {}, "wss://host/v1/realtime (--url)"),
        (
            {"url": "wss://host?token=abc"},
            {"REALTIME_API_KEY": KEY},
            "wss://host/v1/realtime?token=[redacted] (--url), key from REALTIME_API_KEY",
        ),
        (
            {"url": "wss://api.openai.com"},
            {"OPENAI_API_KEY": KEY},
            f"{OPENAI_URL} (--url), as OpenAI, key from OPENAI_API_KEY",
        ),
        (
            {},
            {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://localhost:4000"},
            GATEWAY_REASON,
        ),
    ],
)
def test_the_reason_says_which_and_why(
    connect: Connect, flags: dict[str, object], environ: dict[str, str], reason: str
) -> None:
    assert connect(flags, environ).reason == reason


def test_the_reason_names_the_file_that_decided(connect: Connect) -> None:
    assert connect(dotenv="REALTIME_URL=wss://host").reason == "wss://host/v1/realtime (REALTIME_URL in .env)"
    assert connect(config='url = "wss://host"').reason == "wss://host/v1/realtime (url in config.toml)"


@pytest.mark.parametrize(
    ("flags", "environ", "message", "hint"),
    [
        (
            {"provider": "openai"},
            {},
            "OpenAI needs a key, and OPENAI_API_KEY is not set",
            "set OPENAI_API_KEY in",
        ),
        ({"provider": "glm"}, {}, "and ZHIPUAI_API_KEY or ZAI_API_KEY is not set", "--key-command CMD"),
        ({"url": "wss://api.x.ai"}, {}, "xAI needs a key", "set XAI_API_KEY"),
        ({"provider": "qwen"}, {"DASHSCOPE_API_KEY": KEY}, "needs a model", "pass --model with its name"),
        ({"provider": "azure"}, {}, "Azure OpenAI needs a model", "your deployment's name"),
        (
            {"provider": "azure", "model": "m"},
            {"AZURE_OPENAI_API_KEY": KEY},
            "Azure OpenAI needs an address",
            "set AZURE_OPENAI_ENDPOINT, or pass --url wss://{resource}.openai.azure.com/openai/v1/realtime?model=m",
        ),
        (
            {"provider": "azure-legacy", "model": "m"},
            {"AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com"},
            "needs an address",
            "pass --url wss://{resource}.openai.azure.com/openai/realtime?api-version={version}&deployment=m",
        ),
        ({"provider": "local", "url": "ws://h"}, {}, "the provider local is the server inside", "drop one"),
        ({"provider": "none"}, {}, "unknown provider 'none'", "known are"),
        ({"url": "host"}, {}, "--url: 'host' has no ws://", "for example"),
        (
            {"provider": "azure", "model": "m"},
            {"AZURE_OPENAI_ENDPOINT": "my-resource"},
            "AZURE_OPENAI_ENDPOINT: 'my-resource' has no ws://",
            "",
        ),
    ],
)
def test_what_cannot_be_reached_is_explained(
    connect: Connect, flags: dict[str, object], environ: dict[str, str], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        connect(flags, environ)
    assert message in str(caught.value)
    assert hint in caught.value.hint


# --- --url ---


@pytest.mark.parametrize(
    ("url", "model", "expected"),
    [
        ("localhost:8000", None, "ws://localhost:8000/v1/realtime"),
        ("localhost:8000", "m", "ws://localhost:8000/v1/realtime?model=m"),
        ("http://[::1]:8000/", None, "ws://[::1]:8000/v1/realtime"),
        ("wss://host/other/path?x=1", "m", "wss://host/other/path?x=1&model=m"),
        ("wss://host?model=a", "m", "wss://host/v1/realtime?model=a"),
    ],
)
def test_a_url_is_completed(connect: Connect, url: str, model: str | None, expected: str) -> None:
    endpoint = connect({"url": url, "model": model})
    assert (endpoint.url, endpoint.shown_url) == (expected, expected)
    assert (endpoint.provider, endpoint.dialect, endpoint.headers) == ("custom", "auto", {})


@pytest.mark.parametrize(
    ("url", "provider", "expected"),
    [
        ("https://api.openai.com/", "openai", OPENAI_URL),
        ("wss://eu.api.openai.com", "openai", OPENAI_URL.replace("api", "eu.api")),
        ("wss://api.openai.com/v1/realtime?call_id=rtc_1", "openai", "="),
        ("wss://api.openai.com/v1/realtime?intent=transcription", "openai", "="),
        ("wss://api.openai.com/v1/realtime/translations", "openai", "="),
        ("wss://API.X.AI", "xai", "wss://api.x.ai/v1/realtime?model=grok-voice-latest"),
        (
            "https://r.openai.azure.com?model=m",
            "azure",
            "wss://r.openai.azure.com/openai/v1/realtime?model=m",
        ),
        ("wss://r.openai.azure.com/openai/realtime?api-version=1&deployment=d", "azure-legacy", "="),
        (
            "wss://dashscope-intl.aliyuncs.com?model=q",
            "qwen",
            "wss://dashscope-intl.aliyuncs.com/api-ws/v1/realtime?model=q",
        ),
        ("wss://w.eu-1.maas.aliyuncs.com/api-ws/v1/realtime?model=q", "qwen", "="),
    ],
)
def test_a_providers_own_host_picks_its_key_dialect_and_path(
    connect: Connect, url: str, provider: str, expected: str
) -> None:
    names = ["OPENAI_API_KEY", "XAI_API_KEY", "AZURE_OPENAI_API_KEY", "DASHSCOPE_API_KEY"]
    endpoint = connect({"url": url}, {name: f"{name}-{KEY}" for name in names})
    row = PROVIDERS[provider]
    assert (endpoint.provider, endpoint.dialect) == (provider, row.dialect)
    assert endpoint.url == (url if expected == "=" else expected)
    key = f"{row.key_env[0]}-{KEY}"
    assert endpoint.headers == (
        {"api-key": key} if row.auth == "api-key" else {"Authorization": f"Bearer {key}"}
    )


def test_a_url_with_a_provider_is_spoken_to_as_that_provider(connect: Connect) -> None:
    flags: dict[str, object] = {"url": "wss://proxy.example/x", "provider": "azure", "key_env": "MINE"}
    endpoint = connect(flags, {"MINE": KEY})
    assert endpoint.headers == {"api-key": KEY}
    assert (endpoint.provider, endpoint.dialect, endpoint.url) == ("azure", "ga", "wss://proxy.example/x")
    assert endpoint.reason == "wss://proxy.example/x (--url), as Azure OpenAI, key from MINE"


def test_the_dialect_flag_wins_over_the_provider(connect: Connect) -> None:
    assert connect({"provider": "speaches", "model": "m", "dialect": "ga"}).dialect == "ga"


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (
            "https://gateway.example/openai/v1",
            "wss://gateway.example/openai/v1/realtime?model=gpt-realtime-2.1",
        ),
        ("https://gateway.example", "wss://gateway.example/v1/realtime?model=gpt-realtime-2.1"),
        ("http://[::1]:4000/v1/", "ws://[::1]:4000/v1/realtime?model=gpt-realtime-2.1"),
    ],
)
def test_the_sdks_variable_moves_openai_to_a_gateway(connect: Connect, base: str, expected: str) -> None:
    endpoint = connect({}, {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base})
    assert (endpoint.url, endpoint.headers) == (expected, BEARER)


# --- who is told the key ---


@pytest.mark.parametrize(
    "url",
    [
        "wss://evil.example/v1/realtime",
        "wss://api.openai.com.evil.example",
        "wss://evil.example/api.openai.com",
        "wss://evil.example?host=api.openai.com",
        "wss://xapi.openai.com",
        "wss://api.openai.com.",
        "wss://api.\u043epenai.com",
        "ws://localhost:8000",
        "ws://127.0.0.1:8000",
    ],
)
def test_a_providers_key_is_never_sent_to_another_host(connect: Connect, url: str) -> None:
    environ = {name: KEY for row in PROVIDERS.values() for name in row.key_env}
    endpoint = connect({"url": url}, environ)
    assert endpoint.headers == {}
    assert endpoint.secrets == frozenset()


def test_a_provider_at_a_foreign_host_asks_before_it_sends_its_key(connect: Connect) -> None:
    flags: dict[str, object] = {"url": "wss://proxy.example", "provider": "openai"}
    with pytest.raises(UsageError, match=r"OPENAI_API_KEY is not sent to proxy\.example") as caught:
        connect(flags, {"OPENAI_API_KEY": KEY})
    assert caught.value.hint == "pass --key-env OPENAI_API_KEY to send it there all the same"
    assert connect({**flags, "key_env": "OPENAI_API_KEY"}, {"OPENAI_API_KEY": KEY}).headers == BEARER


def test_a_provider_on_this_machine_needs_no_key(connect: Connect) -> None:
    endpoint = connect({"url": "localhost:9000", "provider": "openai"}, {"OPENAI_API_KEY": KEY})
    assert (endpoint.headers, endpoint.dialect, endpoint.provider) == ({}, "ga", "openai")


@pytest.mark.parametrize(
    ("flags", "environ", "dotenv"),
    [
        ({}, {"REALTIME_API_KEY": KEY}, ""),
        ({}, {}, f"REALTIME_API_KEY={KEY}"),
        ({"key_env": "MINE"}, {"MINE": KEY}, ""),
        ({}, {"REALTIME_KEY_ENV": "MINE", "MINE": KEY}, ""),
    ],
)
def test_an_explicit_key_goes_to_any_url(
    connect: Connect, flags: dict[str, object], environ: dict[str, str], dotenv: str
) -> None:
    assert connect({"url": "wss://host", **flags}, environ, dotenv=dotenv).headers == BEARER
    assert connect({"url": "localhost:8000", **flags}, environ, dotenv=dotenv).headers == BEARER


def test_a_folders_dotenv_cannot_draw_keys_to_its_own_host(connect: Connect) -> None:
    environ = {"OPENAI_API_KEY": KEY, "REALTIME_API_KEY": KEY, "AZURE_OPENAI_API_KEY": KEY}
    url = "REALTIME_URL=wss://evil.example\n"
    assert connect({}, environ, dotenv=url).headers == {}
    assert connect({}, environ, dotenv=f"{url}OPENAI_BASE_URL=wss://evil.example").headers == {}
    for name, base in (("openai", "OPENAI_BASE_URL"), ("azure", "AZURE_OPENAI_ENDPOINT")):
        with pytest.raises(UsageError, match=r"is not sent to evil\.example"):
            connect({"provider": name, "model": "m"}, environ, dotenv=f"{base}=https://evil.example\n")


def test_a_folders_dotenv_cannot_send_one_providers_key_to_another(connect: Connect) -> None:
    config = f"key_command = '''echo {KEY}'''"
    with pytest.raises(UsageError, match="xAI needs a key"):
        connect(dotenv="REALTIME_PROVIDER=xai", config=config)


def test_a_dotenv_may_hold_both_an_address_and_its_key(connect: Connect) -> None:
    environ = {"OPENAI_API_KEY": OTHER}
    assert connect({}, environ, dotenv=f"REALTIME_URL=wss://h\nREALTIME_API_KEY={KEY}\n").headers == BEARER
    dotenv = f"OPENAI_BASE_URL=https://h/v1\nOPENAI_API_KEY={KEY}\n"
    assert connect(dotenv=dotenv).headers == BEARER


def test_the_config_files_key_stays_with_the_config_files_server(connect: Connect) -> None:
    environ = {"MINE": KEY}
    assert connect({}, environ, config='url = "wss://h"\nkey_env = "MINE"').headers == BEARER
    assert connect({}, environ, config='key_env = "MINE"').headers == BEARER
    assert connect({"url": "wss://h"}, environ, config='key_env = "MINE"').headers == {}
    assert connect(
        {"provider": "xai"}, {**environ, "XAI_API_KEY": OTHER}, config='key_env = "MINE"'
    ).headers == {"Authorization": f"Bearer {OTHER}"}
    assert connect({"provider": "openai"}, environ, config='key_env = "MINE"').headers == BEARER


@pytest.mark.parametrize("url", ["ws://host", "http://192.168.1.5:8000", "ws://localhost.example"])
def test_a_key_does_not_cross_the_network_in_the_clear(connect: Connect, url: str) -> None:
    environ = {"REALTIME_API_KEY": KEY}
    with pytest.raises(UsageError, match=r"a key would go to .* without encryption") as caught:
        connect({"url": url}, environ)
    assert "--insecure" in caught.value.hint
    assert KEY not in str(caught.value)
    assert connect({"url": url, "insecure": True}, environ).headers == BEARER
    assert connect({"url": url}).headers == {}


def test_a_key_in_the_query_counts_as_a_key(connect: Connect) -> None:
    with pytest.raises(UsageError, match="without encryption"):
        connect({"url": f"ws://host?api_key={KEY}"})
    endpoint = connect({"url": f"wss://r.openai.azure.com/openai/realtime?deployment=d&api-key={KEY}"})
    assert KEY in endpoint.url
    assert endpoint.secrets == {KEY}
    assert KEY not in endpoint.shown_url + endpoint.reason


# --- headers ---


def test_the_users_own_headers_are_sent_too(connect: Connect) -> None:
    flags: dict[str, object] = {"headers": ["OpenAI-Project: p"]}
    endpoint = connect(flags, {"OPENAI_API_KEY": KEY})
    assert endpoint.headers == {**BEARER, "OpenAI-Project": "p"}


def test_a_header_of_the_users_own_replaces_the_key(connect: Connect) -> None:
    config = f'url = "wss://gateway.example"\n[headers]\nauthorization = "Basic {OTHER}"'
    endpoint = connect({}, {"REALTIME_API_KEY": KEY}, config=config)
    assert endpoint.headers == {"authorization": f"Basic {OTHER}"}
    assert endpoint.secrets == {f"Basic {OTHER}"}


def test_a_secret_header_is_key_enough(connect: Connect) -> None:
    config = f'provider = "openai"\n[headers]\nX-Gateway-Token = "{OTHER}"'
    assert connect(config=config).headers == {"X-Gateway-Token": OTHER}


# --- nothing leaks, nothing runs in vain ---


def test_repr_of_an_endpoint_shows_no_secret(connect: Connect) -> None:
    endpoint = connect({"url": f"wss://host?token={OTHER}"}, {"REALTIME_API_KEY": KEY})
    assert endpoint.secrets == {KEY, f"Bearer {KEY}", OTHER}
    for secret in endpoint.secrets:
        assert secret not in repr(endpoint)


@pytest.mark.parametrize("key", [f"{KEY}\x00", f"{KEY}\u2026"])
def test_a_key_that_no_header_can_carry_is_not_shown(connect: Connect, key: str) -> None:
    with pytest.raises(UsageError, match="OPENAI_API_KEY holds a") as caught:
        connect({}, {"OPENAI_API_KEY": key})
    assert KEY not in str(caught.value)


def test_the_key_command_runs_only_when_its_key_is_sent(connect: Connect, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "key.py").write_text(f"open({str(ran)!r}, 'a').close()\nprint('{KEY}')", encoding="utf-8")
    command = f'"{sys.executable}" "{tmp_path / "key.py"}"'
    assert connect({"provider": "local", "key_command": command}).is_embedded
    with pytest.raises(UsageError, match="without encryption"):
        connect({"url": "ws://host", "key_command": command})
    assert not ran.exists()
    endpoint = connect({"key_command": command})
    assert endpoint.headers == BEARER
    assert endpoint.reason == "OpenAI (--key-command is set)"
    assert ran.exists()


def test_settings_need_no_loading() -> None:
    assert endpoint_for(Settings(url="localhost:1")).url == "ws://localhost:1/v1/realtime"
