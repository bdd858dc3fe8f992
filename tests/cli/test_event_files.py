from __future__ import annotations

import json
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.cli.event_files import EventFile, FileEvent, read_events
from realtime_cli.errors import BadInput

NOTHING = TextIOWrapper(BytesIO())
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def _read(text: str | bytes, *, as_is: bool = False) -> EventFile:
    data = text.encode() if isinstance(text, str) else text
    return read_events("-", TextIOWrapper(BytesIO(data)), as_is=as_is)


def _raw(text: str | bytes, *, as_is: bool = False) -> list[str]:
    return [event.raw for event in _read(text, as_is=as_is).events]


def test_one_event_is_sent_as_it_is_written() -> None:
    assert _raw('\ufeff\n {"type":  "a",\n "n": 1.50}\r\n') == [' {"type":  "a",\n "n": 1.50}']


def test_the_events_of_an_array_are_sent_as_they_are_written() -> None:
    assert _raw('[ {"a": 1.50 , "a":2},\n\t{"b": [1,  2, "]"]} ,{}]') == [
        '{"a": 1.50 , "a":2}',
        '{"b": [1,  2, "]"]}',
        "{}",
    ]


@given(st.lists(JSON, max_size=4), st.sampled_from([None, 1, "\t"]))
def test_every_array_gives_its_elements(values: list[Any], indent: int | str | None) -> None:
    text = json.dumps(values, indent=indent)
    assert [event.value for event in _read(text).events] == values
    assert [json.loads(raw) for raw in _raw(text)] == values


def test_lines_are_events_and_empty_lines_are_none() -> None:
    file = _read('{"a": 1}\n\n  {"b": 2}  \r\n')
    assert [(event.place, event.raw) for event in file.events] == [
        ("stdin, line 1", '{"a": 1}'),
        ("stdin, line 3", '{"b": 2}'),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "stdin is empty"),
        (" \n\t\n", "stdin is empty"),
        ("hello", "stdin is not JSON: Expecting value: line 1 column 1"),
        ('{\n "a": 1,\n}', "stdin is not JSON: Expecting property name enclosed in double quotes: line 3"),
        ('{"a": 1}\n{"b": }\n', "stdin, line 2 is not JSON: Expecting value: line 1 column 7"),
        ('{"a": NaN}', "stdin is not JSON: NaN is no JSON value"),
        ("[" * 100_000, "stdin is not JSON: nested too deeply"),
        (b'{"a": "\xff"}', "stdin is not UTF-8 text (byte 7)"),
        ('{"realtime_log": 1}\n', "a log cannot be read from stdin"),
    ],
)
def test_what_holds_no_events_is_named(text: str | bytes, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        _read(text)
    assert str(refused.value).startswith(words)
    assert refused.value.hint


@pytest.mark.parametrize("text", ["hello", '{"type": ', '{\n "a": 1,\n}', "[" * 100_000])
def test_anything_can_be_sent_as_it_is(text: str) -> None:
    assert _raw(text, as_is=True) == [text]


def test_broken_lines_between_events_can_be_sent_as_they_are() -> None:
    assert _raw('{"a": 1}\n{"b": }\n', as_is=True) == ['{"a": 1}', '{"b": }']


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    for name, why in ((tmp_path / "none.json", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(BadInput, match=f"cannot read {name}: {why}"):
            read_events(str(name), NOTHING)


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ("{}", '{"event_id": "e1"}'),
        ('{\n"type": "a"}', '{"event_id": "e1", \n"type": "a"}'),
        ('{"event_id": "mine"}', '{"event_id": "mine"}'),
        ('{"event_id": null}', '{"event_id": null}'),
        ("[1]", "[1]"),
    ],
)
def test_an_event_gets_an_id_and_stays_as_it_is_written(raw: str, named: str) -> None:
    event = FileEvent("here", raw, json.loads(raw)).named("e1")
    assert event.raw == named
    assert event.value == json.loads(named)


def test_a_log_gives_what_the_client_sent(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(
        '{"realtime_log":1,"program":"p","url":"u","provider":"x","dialect":"ga","started":"s"}\n'
        '{"seq":1,"t":0.1,"dir":"in","event":{"type":"session.created"}}\n'
        '{"seq":2,"t":0.2,"dir":"out","event":{"type":"response.create", "n":1.50}}\n'
        '{"seq":3,"t":0.3,"dir":"out","text":"no json"}\n'
        '{"seq":4,"t":0.4,"dir":"local","event":{"type":"user.quit"}}\n'
        '{"seq":5,"t":0.5,"dir":"out","ev'
    )
    file = read_events(str(log), NOTHING)
    assert file.is_log
    assert [event.raw for event in file.events] == ['{"type":"response.create", "n":1.50}', "no json"]
    assert [event.value for event in file.events] == [{"type": "response.create", "n": 1.5}, None]
    assert file.damage.startswith(f"{log}: line 6")
