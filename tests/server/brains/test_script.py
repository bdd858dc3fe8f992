from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from realtime_cli.server.brains.port import AnswerPart, Call, Fail, Prompt, Say, Turn
from realtime_cli.server.brains.script import ScriptBrain
from realtime_cli.server.brains.script_file import load_script

SCRIPT = r"""
turns:
  - when: hello
    say: Hi there!
  - when: [good bye, "👍"]
    say: See you.
  - when: /weather in (?P<city>\w+)(?P<rest> now)?/
    say: "Let me look at {city}.{rest}"
    call: {name: get_weather, arguments: {city: "{city}", deep: [{said: "{text}"}], n: 5}}
  - when: both
    call: [{name: f}, {name: g, arguments: '{"raw": {text}'}]
  - after: get_weather
    say: It is {output}, {text}.
  - after: [f, "*"]
    say: Some function returned {output}.
  - when: fail now
    say: Well,
    fail: {code: insufficient_quota, message: "No quota for {text}."}
  - when: slow
    delay_ms: 60000
    say: ["two {text} ", "pieces"]
  - when: pieces
    say: ["two {text} ", "and more"]
  - when: first
    once: true
    say: Once.
  - when: first
    say: Again.
  - when: braces
    say: "{unknown} {} {0} {text.__class__} {text!r} {{text}}"
"""


def brain(path: Path, text: str = SCRIPT) -> ScriptBrain:
    file = path / "demo.yaml"
    file.write_text(text, encoding="utf-8")
    return ScriptBrain(load_script(file))


async def answer(played: ScriptBrain, *turns: Turn) -> list[AnswerPart]:
    return [part async for part in played.answer(Prompt("", turns, ()))]


async def hear(played: ScriptBrain, text: str) -> list[AnswerPart]:
    return await answer(played, Turn("user", text))


def spoken(parts: list[AnswerPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, Say))


def returned(*names: str) -> list[Turn]:
    calls = [Turn("call", "{}", name=name, call_id=name) for name in names]
    outputs = [Turn("call_output", f"out of {name}", call_id=name) for name in names]
    return [Turn("user", "weather in Rome"), *calls, *outputs]


@pytest.mark.parametrize("text", ["hello", "  HELLO!!", "Hello."])
async def test_words_are_compared_without_case_and_punctuation(tmp_path: Path, text: str) -> None:
    assert await hear(brain(tmp_path), text) == [Say("Hi "), Say("there!")]


async def test_any_sentence_of_a_list_will_do(tmp_path: Path) -> None:
    played = brain(tmp_path)
    assert spoken(await hear(played, "Good-bye!")) == "See you."
    assert spoken(await hear(played, "👍")) == "See you."
    assert "no line" in spoken(await hear(played, "👎"))


async def test_expression_fills_words_and_arguments_before_the_call(tmp_path: Path) -> None:
    parts = await hear(brain(tmp_path), 'So, "Weather in Zürich?"')
    assert spoken(parts) == "Let me look at Zürich."
    call = parts[-1]
    assert isinstance(call, Call)
    assert call.name == "get_weather"
    assert json.loads(call.arguments) == {
        "city": "Zürich",
        "deep": [{"said": 'So, "Weather in Zürich?"'}],
        "n": 5,
    }


async def test_arguments_as_text_are_sent_as_they_are(tmp_path: Path) -> None:
    assert await hear(brain(tmp_path), "both") == [Call("f", "{}"), Call("g", '{"raw": both')]


async def test_output_of_a_function_is_answered(tmp_path: Path) -> None:
    played = brain(tmp_path)
    assert (
        spoken(await answer(played, *returned("get_weather"))) == "It is out of get_weather, weather in Rome."
    )
    assert (
        spoken(await answer(played, *returned("f", "get_weather")))
        == "It is out of get_weather, weather in Rome."
    )
    assert spoken(await answer(played, *returned("h", "i"))) == "Some function returned out of h."


async def test_failure_follows_what_is_said(tmp_path: Path) -> None:
    parts = await hear(brain(tmp_path), "fail now")
    assert parts == [Say("Well,"), Fail("insufficient_quota", "No quota for fail now.")]


async def test_list_is_streamed_piece_by_piece(tmp_path: Path) -> None:
    assert await hear(brain(tmp_path), "pieces") == [Say("two pieces "), Say("and more")]


async def test_delay_comes_before_the_first_part_and_can_be_cancelled(tmp_path: Path) -> None:
    waiting = asyncio.create_task(hear(brain(tmp_path), "slow"))
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_delay_ends(tmp_path: Path) -> None:
    played = brain(tmp_path, "turns: [{when: x, delay_ms: 1, say: y}]")
    assert await hear(played, "x") == [Say("y")]


async def test_once_is_once_for_each_brain(tmp_path: Path) -> None:
    played = brain(tmp_path)
    assert [spoken(await hear(played, "first")) for _ in range(3)] == ["Once.", "Again.", "Again."]
    assert spoken(await hear(brain(tmp_path), "first")) == "Once."


async def test_unknown_braces_stay(tmp_path: Path) -> None:
    told = spoken(await hear(brain(tmp_path), "braces"))
    assert told == "{unknown} {} {0} {text.__class__} {text!r} {braces}"


async def test_what_is_filled_in_is_not_filled_again(tmp_path: Path) -> None:
    played = brain(tmp_path, 'turns: [{when: "*", say: "{text}"}]')
    assert spoken(await hear(played, "{text} {output}")) == "{text} {output}"


@pytest.mark.parametrize(
    ("turns", "words"),
    [
        ([Turn("user", "what?")], 'no line for: "what?"'),
        (returned("f"), "no line after f"),
        ([], "no line for this moment"),
        ([Turn("user", "x"), Turn("assistant", "y")], "no line for this moment"),
        ([Turn("user", "x"), Turn("call", name="f", call_id="f")], "no line for this moment"),
    ],
)
async def test_without_a_fitting_rule_it_says_so(tmp_path: Path, turns: list[Turn], words: str) -> None:
    played = brain(tmp_path, "turns: [{when: hello, say: Hi}]")
    assert words in spoken(await answer(played, *turns))


async def test_otherwise_answers_whatever_nothing_else_fits(tmp_path: Path) -> None:
    played = brain(tmp_path, "turns: [{otherwise: true, say: 'Hm, {text}?'}, {when: hello, say: Hi}]")
    assert spoken(await hear(played, "hello")) == "Hi"
    assert spoken(await hear(played, "what")) == "Hm, what?"
    assert spoken(await answer(played, *returned("f"))) == "Hm, weather in Rome?"


async def test_empty_words_begin_an_empty_conversation(tmp_path: Path) -> None:
    played = brain(tmp_path, "turns: [{when: '', say: Welcome.}]")
    assert spoken(await answer(played)) == "Welcome."


def test_phrases_are_the_exact_sentences(tmp_path: Path) -> None:
    text = "turns: [{when: [hello, /a/, hi], say: x}, {after: f, say: y}, {when: ['', hello], say: z}]"
    assert brain(tmp_path, text).phrases() == ["hello", "hi"]
    assert brain(tmp_path, "voice_phrases: false\n" + text).phrases() == []


async def test_hostile_words_are_only_words(tmp_path: Path) -> None:
    told = spoken(await hear(brain(tmp_path), "\x00" + "x" * 100_000))
    assert len(told) < 300
    await brain(tmp_path).close()
