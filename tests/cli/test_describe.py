from __future__ import annotations

import json
import sys

import pytest

from realtime_cli.cli.encyclopedia import run_describe
from realtime_cli.errors import BadInput
from tests.cli.program import Program

Capture = pytest.CaptureFixture[str]


def _described(capsys: Capture, name: str | None = None, *, as_json: bool = False) -> str:
    assert run_describe(name, as_json=as_json) == 0
    return capsys.readouterr().out


async def test_the_list_names_every_event_of_both_sides(realtime: Program) -> None:
    done = await realtime("describe")
    assert (done.status, done.err) == (0, "")
    assert "client events, realtime" in done.lines
    assert "server events, realtime" in done.lines
    assert any(line.startswith("session.update ") for line in done.lines)
    assert max(map(len, done.lines)) <= 80


async def test_an_event_is_shown_with_its_fields_and_an_example(realtime: Program) -> None:
    done = await realtime("describe", "conversation.item.truncate")
    assert done.status == 0
    assert done.lines[0] == "conversation.item.truncate  client event, realtime"
    assert any(line.startswith("audio_end_ms ") and "required" in line for line in done.lines)
    example = done.out.partition("\nexample\n")[2]
    assert json.loads(example)["type"] == "conversation.item.truncate"


async def test_an_unknown_name_gets_suggestions(realtime: Program) -> None:
    done = await realtime("describe", "respone.create")
    assert (done.status, done.out) == (3, "")
    assert done.complaint == "there is no event or object named respone.create"
    assert "response.create" in done.err.splitlines()[1]


@pytest.mark.parametrize("name", ["", " ", "\x1b[2J", "x" * 1000, "--"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        run_describe(name, as_json=False)
    assert refused.value.hint


def test_every_event_of_the_list_can_be_described(capsys: Capture) -> None:
    infos = [json.loads(line) for line in _described(capsys, as_json=True).splitlines()]
    assert all(info["doc"].endswith((".", ")")) for info in infos)
    sides = [info["side"] for info in infos]
    assert sides.count("client") >= 11
    assert sides.count("server") >= 46
    for info in infos:
        found = json.loads(_described(capsys, info["type"], as_json=True))
        assert found["name"] == info["type"]
        assert found["doc"]
        assert found["example"]["type"] in (info["type"], info["beta"])
        assert _described(capsys, info["type"]).startswith(info["type"])


@pytest.mark.parametrize("name", ["session", "item", "response"])
def test_objects_can_be_described(capsys: Capture, name: str) -> None:
    assert json.loads(_described(capsys, name, as_json=True))["fields"]
    assert _described(capsys, name)


@pytest.mark.parametrize("columns", [20, 40, 80, 120])
def test_no_word_is_lost_in_a_narrow_terminal(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = _described(capsys, "session.update").partition("\nexample\n")[0]
    monkeypatch.setenv("COLUMNS", "1000")
    wide = _described(capsys, "session.update").partition("\nexample\n")[0]
    assert "".join(narrow.split()) == "".join(wide.split())
    for line in narrow.splitlines():
        assert len(line) <= columns or " " not in line  # a path is never broken: it is there to be copied


def test_nothing_is_coloured_in_a_pipe(capsys: Capture) -> None:
    assert not sys.stdout.isatty()
    assert "\x1b" not in _described(capsys, "session")
