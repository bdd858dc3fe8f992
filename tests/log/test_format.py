from __future__ import annotations

import json
import math
from base64 import b64encode

import pytest

from realtime_cli.log.format import LogEntry, LogHeader, entry_line, header_line

HEADER = LogHeader(
    program="realtime 0.1.0",
    url="wss://host/v1/realtime?model=m",
    provider="openai",
    dialect="ga",
    started="2026-11-21T02:07:00.123Z",
)


def line(raw: str | bytes, *, is_object: bool = True) -> bytes:
    return entry_line(LogEntry(12, 1.234567, "in", raw), is_object=is_object)


def test_the_header_is_one_line() -> None:
    assert header_line(HEADER) == (
        '{"realtime_log":1,"program":"realtime 0.1.0","url":"wss://host/v1/realtime?model=m","provider":"openai",'
        '"dialect":"ga","started":"2026-11-21T02:07:00.123Z"}\n'
    )


def test_the_header_keeps_extra_members_but_never_in_place_of_its_own() -> None:
    header = LogHeader(
        program="p", url="", provider="", dialect="", started="", extra={"rate": 24000, "program": "x"}
    )
    assert json.loads(header_line(header)) == {
        **dict.fromkeys(("url", "provider", "dialect", "started"), ""),
        "realtime_log": 1,
        "program": "p",
        "rate": 24000,
    }


def test_the_header_has_no_secrets_of_the_url() -> None:
    header = LogHeader(program="", url="wss://me:pw@host/?key=abc", provider="", dialect="", started="")
    assert json.loads(header_line(header))["url"] == "wss://host/?key=[redacted]"


def test_an_object_is_embedded_unchanged() -> None:
    assert line(' { "type" : "x",\t"n":1.00 , "s":"\\u00e9é\u2028" } ') == (
        b'{"seq":12,"t":1.234567,"dir":"in","event": { "type" : "x",\t"n":1.00 , "s":"\\u00e9'
        + "é\u2028".encode()
        + b'" } }\n'
    )


@pytest.mark.parametrize("raw", ['{\n"type":"x"}', '{"type":\r\n"x"\r}', '{"type":"x"}\n'])
def test_an_object_with_line_breaks_stands_beside_its_text(raw: str) -> None:
    encoded = line(raw)
    assert encoded.count(b"\n") == 1
    assert b"\r" not in encoded
    assert json.loads(encoded) == {"seq": 12, "t": 1.234567, "dir": "in", "text": raw, "event": {"type": "x"}}


def test_a_lone_surrogate_becomes_an_escape() -> None:
    raw = '{"type":"\ud800 é"}'
    members = json.loads(line(raw))
    assert (members["text"], members["event"]) == (raw, {"type": "\ud800 é"})
    assert json.loads(line("\udfff", is_object=False))["text"] == "\udfff"


@pytest.mark.parametrize("raw", ["", "garbage", "[1]", '"x"', '{"a":', "\0\x1b[31m\n\u2028"])
def test_any_other_text_is_a_string(raw: str) -> None:
    encoded = line(raw, is_object=False)
    assert encoded.count(b"\n") == 1
    assert json.loads(encoded) == {"seq": 12, "t": 1.234567, "dir": "in", "text": raw}


def test_bytes_are_base64() -> None:
    raw = bytes(range(256))
    assert json.loads(line(raw, is_object=False))["base64"] == b64encode(raw).decode()


@pytest.mark.parametrize("t_s", [0.0, 1e-06, 0.1 + 0.2, 3, 86_400.000001])
def test_time_is_written_exactly(t_s: float) -> None:
    assert json.loads(entry_line(LogEntry(1, t_s, "out", "{}"), is_object=True))["t"] == t_s


@pytest.mark.parametrize("t_s", [math.nan, math.inf])
def test_a_time_that_json_cannot_hold_is_null(t_s: float) -> None:
    assert json.loads(entry_line(LogEntry(1, t_s, "out", "{}"), is_object=True))["t"] is None
