"""The help of `realtime chat` is in sections, and ends with examples that work."""

from __future__ import annotations

import inspect
import re
import shlex

from realtime_cli.cli.chat import ChatCommand, chat
from tests.cli.program import Program


def test_every_option_stands_under_a_heading(realtime: Program) -> None:
    told = realtime.run_now("chat", "--help").out
    headings = re.findall(r"^(\S.*):$", told, re.MULTILINE)
    wanted = [title for name, title in ChatCommand.headings.items() if name != "help"]
    assert [title for title in headings if title in wanted] == wanted
    assert "Options" not in headings
    options = told.partition(f"\n{wanted[0]}:\n")[2]
    assert len(re.findall(r"^  --", options, re.MULTILINE)) == len(inspect.signature(chat).parameters)


def test_sections_begin_with_options_that_there_are() -> None:
    assert set(ChatCommand.headings) <= {*inspect.signature(chat).parameters, "help"}


def test_the_help_ends_with_examples_whose_flags_exist(realtime: Program) -> None:
    told, _, examples = realtime.run_now("chat", "--help").out.partition("\nExamples:\n")
    assert [line.strip() for line in examples.strip().splitlines()] == list(ChatCommand.examples)
    for example in ChatCommand.examples:
        assert {word for word in shlex.split(example) if word.startswith("--")} <= set(
            re.findall(r"--[a-z-]+", told)
        )
