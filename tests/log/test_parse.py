from __future__ import annotations

import json
from base64 import b64encode

import pytest

from realtime_cli.log.format import LogEntry, LogHeader, header_line
from realtime_cli.log.parse import START, LineError, NotJsonError, is_json_object, parse_entry, parse_header

PREVIOUS = LogEntry(7, 5.0, "in", "{}")


def entry_of(line: str) -> LogEntry:
    entry = parse_entry(line.encode(), START)
    assert entry is not None
    return entry


def test_a_header_is_read_as_it_was_written() -> None:
    header = LogHeader(
        program="realtime 0.1.0",
        url="wss://h",
        provider="p",
        dialect="ga",
        started="s",
        extra={"rates": [24000]},
    )
    assert parse_header(header_line(header).encode()) == header


def test_a_header_of_the_future_is_read_for_its_version() -> None:
    header = parse_header(b'{"realtime_log":7,"program":["new"],"url":null}')
    assert header is not None
    assert (header.version, header.program, header.url) == (7, "", "")


@pytest.mark.parametrize(
    "line",
    [b"", b"\xff", b"[]", b"{}", b'{"realtime_log":true}', b'{"realtime_log":"1"}', b'{"realtime_log":1.0}'],
)
def test_anything_else_is_no_header(line: bytes) -> None:
    assert parse_header(line) is None


def test_our_own_line_gives_the_events_own_text() -> None:
    line = '{"seq":12,"t":1.234567,"dir":"out","event": { "type" : "é\u2028", "n":1.00 } }\n'
    assert entry_of(line) == LogEntry(12, 1.234567, "out", ' { "type" : "é\u2028", "n":1.00 } ')


@pytest.mark.parametrize(
    "line",
    [
        '{"seq":12,"t":1.5,"dir":"in","event":{"a": 1.00},"note":{"x":1}}\n',
        '{"seq":12,"t":1.5,"dir":"in","event":{"a": 1.00}}\r\n',
        '{"seq":12,"t":1.5,"dir":"in","event":{"a": 1.00}}',
        '\ufeff{"seq":12,"t":1.5,"dir":"in","event":{"a": 1.00}}\n',
        ' { "event" : {"a": 1.00} , "dir" : "recv" , "t" : 15e-1 , "seq" : 12 }\n',
        '{"event":{"b":2},"dir":"<","t":1.5,"seq":12,"\\u0065vent":{"a": 1.00}}\n',
    ],
)
def test_a_hand_edited_line_gives_the_events_own_text(line: str) -> None:
    assert entry_of(line) == LogEntry(12, 1.5, "in", '{"a": 1.00}')


def test_text_wins_over_event_on_whatever_side_it_stands() -> None:
    before = '{"seq":1,"t":0.0,"dir":"in","text":"{\\n}","event":{}}\n'
    behind = '{"seq":1,"t":0.0,"dir":"in","event":{},"text":"{\\n}"}\n'
    assert entry_of(before) == entry_of(behind) == LogEntry(1, 0.0, "in", "{\n}")


def test_base64_gives_bytes() -> None:
    base64 = b64encode(b"\0\xff").decode()
    assert entry_of(f'{{"seq":1,"t":0.0,"dir":"in","base64":"{base64}"}}').raw == b"\0\xff"


def test_numbers_that_python_refuses_are_no_damage() -> None:
    event = '{"n":%s,"x":1e999}' % ("9" * 5000)
    assert entry_of(f'{{"seq":1,"t":0.0,"dir":"in","event":{event}}}\n').raw == event
    assert entry_of(f'{{"dir":"in","event":{event}}}\n').raw == event


def test_a_deep_event_in_our_own_line_is_no_damage() -> None:
    event = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    assert entry_of(f'{{"seq":1,"t":0.0,"dir":"in","event":{event}}}\n').raw == event


@pytest.mark.parametrize(
    ("word", "direction"),
    [("in", "in"), ("received", "in"), ("server", "in"), ("out", "out"), ("sent", "out"), (">", "out")],
)
def test_a_foreign_line_needs_no_number_and_no_time(word: str, direction: str) -> None:
    entry = parse_entry(json.dumps({"dir": word, "event": {"type": "x"}}).encode(), PREVIOUS)
    assert entry == LogEntry(8, 5.0, direction, '{"type": "x"}')  # type: ignore[arg-type]  # a plain str from the table


@pytest.mark.parametrize(
    "line",
    [
        "",
        " \r\n",
        '{"dir":"meta","event":{"type":"x"}}',
        '{"dir":"in","event":{"type":"_close","code":1000}}',
    ],
)
def test_blank_lines_and_notes_are_skipped(line: str) -> None:
    assert parse_entry(line.encode(), START) is None


def test_our_own_line_is_never_a_note() -> None:
    assert entry_of('{"seq":1,"t":0.0,"dir":"in","event":{"type":"_x"}}').raw == '{"type":"_x"}'


@pytest.mark.parametrize("t", ["4.999", "-1", "NaN", "1e999", "null", '"6"', "9" * 400])
def test_time_never_goes_back(t: str) -> None:
    for end in ("\n", ""):
        entry = parse_entry(f'{{"seq":8,"t":{t},"dir":"in","event":{{}}}}{end}'.encode(), PREVIOUS)
        assert entry == LogEntry(8, 5.0, "in", "{}")


def test_a_whole_number_is_a_time() -> None:
    assert entry_of('{"seq":1,"t":6,"dir":"in","event":{}}').t_s == 6.0


@pytest.mark.parametrize("seq", ["1.5", '"9"', "null", "true"])
def test_a_number_that_is_none_counts_on(seq: str) -> None:
    entry = parse_entry(f'{{"seq":{seq},"t":6,"dir":"in","event":{{}}}}\n'.encode(), PREVIOUS)
    assert entry == LogEntry(8, 6.0, "in", "{}")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b'{"seq":1,"t":0.0,"dir":"in","event":{"a":"\xff"}}\n', "is not UTF-8"),
        (b"hello", "is not JSON"),
        (b'{"seq":1,"t":0.0,"dir":"in","event":{"delta":"AAA', "is not JSON"),
        (b'{"seq":1,"t":0.0,"dir":"in","event":{"delta":"AAA"\x00\x00}}\n', "is not JSON"),
        (b'{"dir":"in","event":{"a":' + b"[" * 100_000, "is nested too deeply"),
        (b"[1]", "is not a JSON object"),
        (b'{"type":"session.update"}', "has no `dir`, which says who sent it"),
        (b'{"dir":"up","event":{}}', "has an unknown direction: 'up'"),
        (b'{"dir":["in"],"event":{}}', r"has an unknown direction: \['in'\]"),
        (b'{"dir":"in"}', r"has no event \(a JSON object\), text or base64"),
        (b'{"dir":"in","event":"{}"}', r"has no event \(a JSON object\), text or base64"),
        (b'{"dir":"in","text":5}', "has a `text` that is not a string"),
        (b'{"dir":"in","base64":"A"}', "has broken base64"),
        ('{"dir":"in","base64":"é"}'.encode(), "has broken base64"),
        (b'{"realtime_log":1}', "is the header of another log"),
    ],
)
def test_a_line_that_is_no_entry_says_why(line: bytes, reason: str) -> None:
    with pytest.raises(LineError, match=f"^{reason}$") as caught:
        parse_entry(line, START)
    assert isinstance(caught.value, NotJsonError) == (reason in {"is not UTF-8", "is not JSON"})


@pytest.mark.parametrize("text", ["{}", ' {"a":1} ', '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"])
def test_a_json_object_is_one(text: str) -> None:
    assert is_json_object(text)


@pytest.mark.parametrize("text", ["", "[]", "{} {}", '{"a":[redacted]}', "[" * 100_000 + "]" * 100_000])
def test_anything_else_is_no_json_object(text: str) -> None:
    assert not is_json_object(text)
