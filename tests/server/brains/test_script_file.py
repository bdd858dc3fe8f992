from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from realtime_cli.errors import BadInput
from realtime_cli.server.brains import script_file
from realtime_cli.server.brains.port import Fail
from realtime_cli.server.brains.script_file import Rule, Script, ScriptedMcpCall, load_script


def script(path: Path, text: str, name: str = "demo.yaml") -> Script:
    file = path / name
    file.write_text(text, encoding="utf-8")
    return load_script(file)


def rule(path: Path, text: str) -> Rule:
    [only] = script(path, f"turns: [{{{text}}}]").rules
    return only


def complaint(path: Path, text: str, name: str = "demo.yaml") -> tuple[str, str]:
    """The message, without the folder, and the hint."""
    with pytest.raises(BadInput) as refusal:
        script(path, text, name)
    message = str(refusal.value)
    assert "\n" not in message
    return message.removeprefix(f"{path}/".replace("/", str(Path("/"))[0])), refusal.value.hint


def test_the_documented_script_is_valid(tmp_path: Path) -> None:
    text = (script_file.__doc__ or "").split("::\n\n")[1].split("\nThe first rule")[0]
    loaded = script(tmp_path, text)
    assert [rule.number for rule in loaded.rules] == list(range(1, 12))
    assert loaded.rules[8].fail == Fail(
        "max_output_tokens", "The script lets this response fail.", incomplete=True
    )
    assert loaded.rules[3].calls[0].arguments == "{not json"
    assert loaded.rules[9].say == ("two ", "pieces")
    assert loaded.voice_phrases
    assert [tool.name for tool in loaded.mcp["docs"]] == ["search", "fetch"]
    assert loaded.rules[4].mcp == (
        ScriptedMcpCall("docs", "search", {"q": "{what}"}, output="3 pages", error="", approval=True),
    )
    assert (loaded.rules[5].after, loaded.rules[6].denied) == (("search",), ("search",))


def test_json_is_a_script_too(tmp_path: Path) -> None:
    text = json.dumps({"turns": [{"when": "hello", "say": "Hi"}], "voice_phrases": False})
    assert script(tmp_path, text, "demo.json") == Script(
        (Rule(1, ("hello",), (), False, "Hi", (), None, 0, False),), voice_phrases=False
    )


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "12:30", "2026-01-01", "0x1F", "1e3", "=", "007"])
def test_words_that_yaml_may_mistake_stay_words(tmp_path: Path, word: str) -> None:
    assert rule(tmp_path, f"when: {word}, say: {word}").when == (word,)


def test_arguments_keep_their_types(tmp_path: Path) -> None:
    call = "call: {name: f, arguments: {a: 1, b: -1.5, c: true, d: null, e: no, g: [x, {h: 2}]}}"
    assert rule(tmp_path, f"when: x, {call}").calls[0].arguments == {
        "a": 1,
        "b": -1.5,
        "c": True,
        "d": None,
        "e": "no",
        "g": ["x", {"h": 2}],
    }


def test_conditions_are_words_expressions_or_anything(tmp_path: Path) -> None:
    words, expression, anything, slash = rule(tmp_path, 'when: [Hi, /a+/, "*", /], say: x').when
    assert (words, slash) == ("Hi", "/")
    assert isinstance(expression, re.Pattern)
    assert expression.search("AAA")
    assert isinstance(anything, re.Pattern)
    assert anything.search("")


def test_several_calls_stand_in_a_list(tmp_path: Path) -> None:
    calls = rule(tmp_path, "when: x, call: [{name: f}, {name: g}]").calls
    assert [(call.name, call.arguments) for call in calls] == [("f", {}), ("g", {})]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "demo.yaml: must be a mapping, but is empty", "Its fields are: turns, voice_phrases, mcp."),
        ("[1]", "demo.yaml: must be a mapping, but is a list", "Its fields are"),
        ("turn: []", 'demo.yaml: unknown field "turn"', 'Did you mean "turns"?'),
        ("voice_phrases: true", 'demo.yaml: "turns" is missing or empty', "list of rules"),
        ("turns: []", 'demo.yaml: "turns" is missing or empty', "list of rules"),
        ("turns: [x]", 'demo.yaml: turn 1: must be a mapping, but is "x"', "Its fields are: when, after"),
        (
            "voice_phrases: 1\nturns: [{when: a, say: b}]",
            '"voice_phrases" must be true or false',
            "voice_phrases: true",
        ),
        (
            "turns: [{when: a, say: b}, {when: a, sya: b}]",
            'turn 2: unknown field "sya"',
            'Did you mean "say"?',
        ),
        ("turns: [{when: a, qqqq: b}]", 'turn 1: unknown field "qqqq"', "The fields here are: when"),
        ("turns: [{say: b}]", 'turn 1: "when" is missing', "otherwise: true"),
        ("turns: [{when: a, after: f, say: b}]", 'turn 1: "after" stands beside "when"', "two turns"),
        ("turns: [{when: a}]", 'turn 1: "say" is missing', "say, call, mcp or fail"),
        ("turns: [{when: [], say: b}]", 'turn 1: "when" is empty', "waits for"),
        ("turns: [{otherwise: false, say: b}]", 'turn 1: "otherwise" is empty or false', "remove the turn"),
        (
            "turns: [{otherwise: maybe, say: b}]",
            '"otherwise" must be true or false, but is "maybe"',
            "otherwise: true",
        ),
        ("turns: [{when: 5, say: b}]", '"when" must be text, but is the number 5', "in quotes"),
        ("turns: [{when: a, say: 1.5}]", '"say" must be text, but is the number 1.5', "in quotes"),
        ("turns: [{when: a, say: [b, {c: d}]}]", '"say" must be text, but is a mapping', "in quotes"),
        ("turns: [{when: a, say: }]", '"say" must be text, but is empty', "in quotes"),
        ("turns: [{when: a, say: true}]", '"say" must be text, but is true', "in quotes"),
        (
            "turns: [{when: '/a(/', say: b}]",
            '"when" is no regular expression: missing )',
            "regular expression",
        ),
        (
            "turns: [{when: a, say: b, delay_ms: soon}]",
            '"delay_ms" must be a whole number from 0',
            "delay_ms: 500",
        ),
        ("turns: [{when: a, say: b, delay_ms: -1}]", "but is the number -1", "delay_ms: 500"),
        ("turns: [{when: a, say: b, delay_ms: true}]", "but is true", "delay_ms: 500"),
        ("turns: [{when: a, say: b, once: 2}]", '"once" must be true or false', "once: true"),
        ("turns: [{when: a, call: f}]", 'turn 1: call: must be a mapping, but is "f"', "name, arguments"),
        ("turns: [{when: a, call: {}}]", 'turn 1: call: "name" is missing', "name:"),
        (
            "turns: [{when: a, call: {name: f, args: {}}}]",
            'call: unknown field "args"',
            'Did you mean "arguments"?',
        ),
        ("turns: [{when: a, call: {name: f, argument: {}}}]", "unknown field", 'Did you mean "arguments"?'),
        (
            "turns: [{when: a, call: {name: f, arguments: [1]}}]",
            '"arguments" must be a mapping or text',
            "Paris",
        ),
        (
            "turns: [{when: a, call: {name: f, arguments: !!set {x}}}]",
            '"arguments" must be a mapping',
            "Paris",
        ),
        (
            "turns: [{when: a, call: {name: f, arguments: {x: !!binary aGk=}}}]",
            "cannot be JSON",
            "plain values",
        ),
        ("turns: [{when: a, call: {name: f, arguments: &a {x: *a}}}]", "cannot be JSON", "plain values"),
        ("mcp: [docs]\nturns: [{when: a, say: b}]", '"mcp" must be a mapping', "mcp: {docs: [search]}"),
        ("mcp: {docs: [5]}\nturns: [{when: a, say: b}]", "mcp: docs: must be a mapping", "name"),
        (
            "mcp: {docs: {name: f, input_schema: 5}}\nturns: [{when: a, say: b}]",
            '"input_schema" must be a mapping',
            "type: object",
        ),
        (
            "turns: [{when: a, mcp: {server: s, name: f, output: o, error: e}}]",
            '"error" stands beside "output"',
            "or it fails",
        ),
        ("turns: [{when: a, mcp: {name: f}}]", 'turn 1: mcp: "server" is missing', "server:"),
        ("turns: [{when: a, mcp: {server: s, name: f, approval: 1}}]", "true or false", "approval"),
        ("turns: [{when: a, fail: {message: m}}]", 'turn 1: fail: "code" is missing', "code:"),
        ("turns: [{when: a, fail: [{code: x}, {code: y}]}]", '"fail" is a list', "one way"),
        (
            "turns: [{when: a, fail: {code: x, incomplete: 1}}]",
            '"incomplete" must be true or false',
            "incomplete",
        ),
        ("turns: [{when: *, say: b}]", "demo.yaml: line 1, column 17:", "in quotes"),
        ("turns: [{when: a", "demo.yaml: line 1, column 17:", "in quotes"),
        ("turns: !!python/object:os.system x", "demo.yaml: line 1, column 8: could not", "in quotes"),
        ("turns: [{when: a, say: !!int x}]", "demo.yaml: invalid literal", "without tags"),
        ("turns: \x00", "demo.yaml: not YAML", "in quotes"),
        ("turns: []\nturns: []", 'demo.yaml: line 1: "turns" stands twice in one mapping', "Keep one"),
        ("turns: " + "[" * 5_000, "demo.yaml: nested too deeply", "few levels"),
        ("? [a]\n: b", "demo.yaml: line 1, column 3:", "in quotes"),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path: Path, text: str, message: str, hint: str) -> None:
    told, advice = complaint(tmp_path, text)
    assert told.startswith("demo.yaml: ")
    assert message in told
    assert hint in advice


def test_mistakes_in_json_are_named_with_their_place(tmp_path: Path) -> None:
    assert complaint(tmp_path, '{"turns": [,]}', "demo.json")[0].startswith(
        "demo.json: line 1, column 12: not JSON"
    )
    assert '"turns" stands twice' in complaint(tmp_path, '{"turns": [], "turns": []}', "demo.json")[0]
    assert "nested too deeply" in complaint(tmp_path, "[" * 100_000, "demo.json")[0]


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"gone\.yaml: no such file"):
        load_script(tmp_path / "gone.yaml")
    with pytest.raises(BadInput, match=re.escape(str(tmp_path))):
        load_script(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"turns: \xff")
    with pytest.raises(BadInput, match="not UTF-8 at byte 7"):
        load_script(tmp_path / "latin.yaml")


def test_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "demo.yaml"
    file.write_bytes(b"\xef\xbb\xbfturns: [{when: a, say: b}]")
    assert load_script(file).rules[0].say == "b"
