from __future__ import annotations

import pytest

from realtime_cli.errors import UsageError
from realtime_cli.providers.secrecy import extra_headers, looks_secret, may_travel, sendable
from realtime_cli.settings import Settings

KEY = "sk-" + "x" * 20


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Proxy-Authorization",
        "api-key",
        "X-API-Key",
        "Cookie",
        "X-Auth-Token",
        "client_secret",
    ],
)
def test_names_of_secrets_are_recognised(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize("name", ["OpenAI-Project", "OpenAI-Organization", "User-Agent", "model", "X-Debug"])
def test_other_names_are_not_taken_for_secrets(name: str) -> None:
    assert not looks_secret(name)


@pytest.mark.parametrize(
    ("origin", "to", "expected"),
    [
        ("--key-env", ".env", True),
        ("--key-env", "--url", True),
        ("REALTIME_API_KEY", "--url", True),
        ("REALTIME_API_KEY", "REALTIME_URL", True),
        ("REALTIME_API_KEY", "config.toml", True),
        ("REALTIME_API_KEY", ".env", False),
        ("default", ".env", False),
        (".env", ".env", True),
        (".env", "--url", True),
        ("config.toml", "config.toml", True),
        ("config.toml", "default", True),
        ("config.toml", "--url", False),
        ("config.toml", "REALTIME_URL", False),
        ("config.toml", ".env", False),
    ],
)
def test_a_secret_travels_only_to_whom_it_was_meant_for(origin: str, to: str, expected: bool) -> None:
    assert may_travel(origin, to=to) is expected


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b", "a\x7fb", "a\x85b", "a\tb"])
def test_a_value_with_control_characters_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(UsageError, match="OPENAI_API_KEY holds a control character") as caught:
        sendable(KEY + value, name="OPENAI_API_KEY")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("value", ["…", "ключ", "\ufffd", "\U0001f511"])
def test_a_value_beyond_latin_1_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(UsageError, match="a character that an HTTP header cannot carry") as caught:
        sendable(KEY + value, name="OPENAI_API_KEY")
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_white_space_around_a_value_is_dropped() -> None:
    assert sendable(f" \t{KEY}\r\n", name="OPENAI_API_KEY") == KEY


def test_a_secret_header_never_comes_from_a_flag() -> None:
    settings = Settings(headers=(("Authorization", KEY),), origins={"headers.authorization": "--header"})
    with pytest.raises(
        UsageError, match="Authorization holds a secret, and --header would show it"
    ) as caught:
        extra_headers(settings, address_origin="--url")
    assert KEY not in str(caught.value) + caught.value.hint


def test_only_secret_headers_stay_at_home() -> None:
    origins = {"headers.cookie": "config.toml", "headers.x-debug": "config.toml"}
    settings = Settings(headers=(("Cookie", KEY), ("X-Debug", "1")), origins=origins)
    assert extra_headers(settings, address_origin="--url") == {"X-Debug": "1"}
    assert extra_headers(settings, address_origin="config.toml") == {"Cookie": KEY, "X-Debug": "1"}


@pytest.mark.parametrize("name", ["", "a b", "a:b", "é", "a\nb", f"K {KEY}"])
def test_a_header_name_that_http_does_not_allow_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="a header's name has a character") as caught:
        extra_headers(Settings(headers=((name, "1"),)), address_origin="--url")
    assert KEY not in str(caught.value)
