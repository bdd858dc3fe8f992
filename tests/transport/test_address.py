"""Addresses: what we say about them, and which proxy they go through."""

from __future__ import annotations

import pytest

from realtime_cli.errors import ConnectFailed
from realtime_cli.transport._address import Address, parse_address, proxy_for, shown_proxy


def address_of(url: str) -> Address:
    return parse_address(url, lambda text: text.replace("sk-secret", "[redacted]"))


@pytest.mark.parametrize(
    ("url", "shown", "origin"),
    [
        ("ws://127.0.0.1:9", "ws://127.0.0.1:9", "ws://127.0.0.1:9"),
        (
            "wss://user:pa55@api.example/v1/realtime?model=gpt",
            "wss://api.example/v1/realtime?model=gpt",
            "wss://api.example",
        ),
        ("wss://h/r?api-key=abc&model=m", "wss://h/r?api-key=[redacted]&model=m", "wss://h"),
        ("wss://h/r?q=sk-secret", "wss://h/r?q=[redacted]", "wss://h"),
        ("ws://[::1]:8000/r", "ws://[::1]:8000/r", "ws://[::1]:8000"),
    ],
)
def test_shows_an_address_without_its_secrets(url: str, shown: str, origin: str) -> None:
    address = address_of(url)
    assert (address.shown, address.origin) == (shown, origin)
    assert "abc" not in repr(address)


def test_knows_which_addresses_carry_a_key() -> None:
    keyed = ["ws://u:p@h", "ws://h?api-key=1", "ws://h?token=1"]
    assert [address_of(url).holds_key for url in (*keyed, "ws://h?model=m")] == [True, True, True, False]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "cannot connect to an empty address: its scheme is missing"),
        ("https://h/v1", "cannot connect to https://h/v1: its scheme is https, and not ws or wss"),
        ("localhost:8000", "its scheme is localhost"),
        ("ws:///v1", "it has no host"),
        ("ws://h:0/", "there is no port 0"),
        ("ws://h:99999/", "its port is not a number below 65536"),
        ("ws://h:x/?key=abc", "cannot connect to ws://h:x/: it is not a URL"),
        ("ws://[::1", "it is not a URL"),
        ("ws://h/a b", "a space or a control character"),
        ("ws://h/\r\nEvil: 1", "a space or a control character"),
        ("ws://h/#part", "a WebSocket has no #fragment"),
        ("ws://abc@h/", "cannot connect to the address: it has a user name but no password"),
        ("ws://u:abc/d@h/", "cannot connect to the address: it is not a URL"),
    ],
)
def test_refuses_what_is_no_websocket_address(url: str, reason: str) -> None:
    with pytest.raises(ConnectFailed) as caught:
        address_of(url)
    assert reason in str(caught.value)
    assert "abc" not in str(caught.value)
    assert str(caught.value).isprintable()
    assert "wss://" in caught.value.hint


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]", "api.localhost"])
def test_this_machine_needs_no_proxy(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://proxy:3128")
    assert proxy_for(address_of(f"ws://{host}:9")) is None


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, "wss://h", None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "wss://h", "http://proxy:3128"),
        ({"https_proxy": "proxy:3128"}, "ws://h", "http://proxy:3128"),
        ({"HTTP_PROXY": "http://proxy:3128"}, "wss://h", None),
        ({"HTTP_PROXY": "http://proxy:3128"}, "ws://h", "http://proxy:3128"),
        ({"ALL_PROXY": "socks5://proxy:1080"}, "wss://h", "socks5://proxy:1080"),
        ({"SOCKS_PROXY": "http://proxy:1080", "HTTPS_PROXY": "http://b"}, "wss://h", "socks5h://proxy:1080"),
        ({"WSS_PROXY": "http://a", "SOCKS_PROXY": "proxy:1080"}, "wss://h", "http://a"),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "h"}, "wss://h", None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, "wss://h", None),
    ],
)
def test_takes_the_proxy_from_the_environment(
    variables: dict[str, str], url: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(address_of(url)) == proxy


def test_a_proxy_is_shown_without_its_password() -> None:
    assert shown_proxy("http://user:p@ss@proxy:3128") == "http://proxy:3128"
