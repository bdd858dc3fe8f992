from __future__ import annotations

import contextlib
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.errors import UsageError
from realtime_cli.providers.urls import (
    is_loopback,
    join_paths,
    model_of,
    parse_url,
    query_secrets,
    shown,
    with_model,
)

KEY = "sk-" + "x" * 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wss://host/v1/realtime", "wss://host/v1/realtime"),
        ("  wss://host/x\n", "wss://host/x"),
        ("WSS://HOST.Example:8443/V1?A=B", "wss://host.example:8443/V1?A=B"),
        ("http://host:80/x", "ws://host:80/x"),
        ("HTTPS://host", "wss://host"),
        ("wss://host/", "wss://host"),
        ("ws://host?model=a%2Fb&x", "ws://host?model=a%2Fb&x"),
        ("localhost:8000", "ws://localhost:8000"),
        ("LOCALHOST:8000/v1/realtime?model=m", "ws://localhost:8000/v1/realtime?model=m"),
        ("127.0.0.1:8000", "ws://127.0.0.1:8000"),
        ("[::1]:8000", "ws://[::1]:8000"),
        ("gpu.lan:8000", "wss://gpu.lan:8000"),
        ("gpu_box:8000?a=b", "wss://gpu_box:8000?a=b"),
        ("ws://[2001:DB8::0001]:9/x", "ws://[2001:db8::1]:9/x"),
        ("ws://[::1]", "ws://[::1]"),
        ("wss://bücher.example/straße?q=ü", "wss://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%BC"),
        ("wss://host/a%20b", "wss://host/a%20b"),
        ("wss://host/@name?to=a@b", "wss://host/@name?to=a@b"),
        ("wss://host/x?redirect=http://a:b@c", "wss://host/x?redirect=http://a:b@c"),
    ],
)
def test_what_people_type_becomes_a_websocket_address(text: str, expected: str) -> None:
    assert parse_url(text, place="--url").geturl() == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has no ws:// or wss://"),
        ("openai", "'openai' has no ws:// or wss://"),
        ("example.com/v1/realtime", "has no ws:// or wss://"),
        ("host:port", "has no ws:// or wss://"),
        ("::1:8000", "has no ws:// or wss://"),
        ("mailto:someone", "has no ws:// or wss://"),
        ("ftp://host/x", "'ftp://host/x' has a scheme other than ws, wss, http or https"),
        ("://host", "has no host"),
        ("ws://", "has no host"),
        ("ws://:8000", "has no host"),
        ("ws://::1:8000", "has"),
        ("ws:///v1/realtime", "has no host"),
        ("ws://host:http/x", "has a malformed host or port"),
        ("ws://host:99999/x", "has a malformed host or port"),
        ("ws://host:0/x", "has port 0"),
        ("ws://host:-1/x", "has a malformed host or port"),
        ("ws://[::1/x", "has a malformed host or port"),
        ("ws://[hello]:80/x", "has a malformed host"),
        ("[zz]:80", "has a malformed host"),
        ("ws://a b/x", "has a space"),
        ("ws://host/a b", "has a space"),
        ("ws://host/\r\nX-Evil: 1", "has a space"),
        ("ws://host/a\tb", "has a space"),
        ("ws://host/\0", "has a space, a control character or a backslash"),
        ("ws://api.openai.com\\.evil.example/x", "or a backslash"),
        ("ws://<host>/x", "has a character in its host"),
        ("ws://%61pi.openai.com/x", "has a character in its host"),
        ("ws://ho..st.\u00e9/x", "has a malformed host"),
        ("ws://\u2100.example/x", "has a malformed host or port"),
        ("wss://host/x#top", "has a #fragment"),
        (f"wss://host/x#{KEY}", "has a #fragment"),
        (KEY, r"'\[redacted\]' has no ws://"),
        (f"wss://host:x/?api_key={KEY}", "has a malformed host or port"),
        (f"ws://user:{KEY}/x@host", "the address has a malformed host or port"),
    ],
)
def test_what_is_no_address_is_explained_without_its_secrets(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        parse_url(text, place="--url")
    assert str(caught.value).startswith("--url: ")
    assert KEY not in str(caught.value)
    assert "for example wss://" in caught.value.hint


@pytest.mark.parametrize(
    "text", ["wss://name:PASS@host/x", "wss://PASS@host", "name:PASS@host:80", "ws://@host", "//a:PASS@host"]
)
def test_user_names_and_passwords_are_refused_and_not_shown(text: str) -> None:
    with pytest.raises(UsageError, match="--url holds a user name or a password") as caught:
        parse_url(text.replace("PASS", KEY), place="--url")
    assert KEY not in str(caught.value) + caught.value.hint
    assert "--key-command" in caught.value.hint


@given(st.text(max_size=60) | st.text(alphabet="ws:/[]@?#%.é1a\\", max_size=30).map("ws://".__add__))
def test_any_text_is_an_address_or_one_clear_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        address = parse_url(text, place="--url")
        assert address.geturl().isascii()
        assert address.geturl().isprintable()
        assert urlsplit(address.geturl()) == address
        assert address.username is None
        assert parse_url(address.geturl(), place="--url") == address


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("api.localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("0.0.0.0", False),
        ("192.168.1.5", False),
        ("2130706433", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("url", "model", "expected"),
    [
        ("wss://h/x", "m", "wss://h/x?model=m"),
        ("wss://h/x?a=b", "org/m o&d", "wss://h/x?a=b&model=org%2Fm%20o%26d"),
        ("wss://h/x?model=a", "m", "wss://h/x?model=a"),
        ("wss://h/x?model=", "m", "wss://h/x?model="),
        ("wss://h/x?api-version=1&deployment=d", "m", "wss://h/x?api-version=1&deployment=d"),
        ("wss://h/x?call_id=rtc_1", "m", "wss://h/x?call_id=rtc_1"),
        ("wss://h/x", None, "wss://h/x"),
    ],
)
def test_the_model_is_added_where_the_query_names_none(url: str, model: str | None, expected: str) -> None:
    assert with_model(urlsplit(url), model).geturl() == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [("model=a%2Fb", "a/b"), ("api-version=1&deployment=d", "d"), ("model=", None), ("", None)],
)
def test_the_model_is_read_back_from_the_query(query: str, expected: str | None) -> None:
    assert model_of(urlsplit(f"wss://h/x?{query}")) == expected


@pytest.mark.parametrize(
    ("base", "path", "expected"),
    [
        ("", "/v1/realtime", "/v1/realtime"),
        ("/v1", "/v1/realtime", "/v1/realtime"),
        ("/openai/v1/", "/v1/realtime", "/openai/v1/realtime"),
        ("/openai/v1", "/openai/v1/realtime", "/openai/v1/realtime"),
        ("/openai/v1/realtime", "/openai/v1/realtime", "/openai/v1/realtime"),
        ("/gateway", "/openai/v1/realtime", "/gateway/openai/v1/realtime"),
    ],
)
def test_paths_are_joined_where_they_overlap(base: str, path: str, expected: str) -> None:
    assert join_paths(base, path) == expected


def test_secret_parameters_are_known_but_not_shown() -> None:
    address = urlsplit("wss://h/x?model=m&api_key=a%2Fb&%74oken=c&key&last=d")
    assert shown(address) == ("wss://h/x?model=m&api_key=[redacted]&token=[redacted]&key=[redacted]&last=d")
    assert query_secrets(address) == {"a%2Fb", "a/b", "c"}
    assert shown(urlsplit("wss://h/x?model=m")) == "wss://h/x?model=m"
