"""A person answers in the place of a tool."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from realtime_cli.core.inputs import ToolStarted
from realtime_cli.errors import UsageError
from realtime_cli.tools import NoAnswer, Question, ToolSetup, open_tools
from tests.tools.hosting import error_of, hosting, written

DECLARED = """
- name: book
  description: Books a table.
  parameters: {type: object, properties: {seats: {type: integer}}, required: [seats]}
"""


@dataclass
class Person:
    """Answers as told; `None` thinks for ever, and empty text refuses."""

    answer: str | None
    asked: list[Question] = field(default_factory=list)
    was_left: bool = False

    async def ask(self, question: Question) -> str:
        self.asked.append(question)
        if self.answer is None:
            try:
                await asyncio.Event().wait()
            finally:
                self.was_left = True
        if not self.answer:
            raise NoAnswer("I will not")
        return self.answer


async def test_a_person_takes_every_call_that_no_tool_has() -> None:
    person = Person('{"celsius": 21}')
    async with hosting("ask", "realtime_cli.examples.weather", setup=ToolSetup(asker=person)) as hosted:
        assert (await hosted.call("get_weather", city="Rome")).output.startswith('{"city":"Rome"')
        assert (await hosted.call("anything", x=1)).output == '{"celsius": 21}'
        assert person.asked == [Question("call_2", "anything", {"x": 1})]
        assert len(hosted.toolbox.definitions()) == 1


async def test_one_name_and_declared_ones_are_shown_to_the_model(tmp_path: Path) -> None:
    path = written(tmp_path, "book.yaml", DECLARED)
    person = Person("done")
    async with hosting("ask:pay", f"ask:{path}", setup=ToolSetup(asker=person, timeout_s=0.01)) as hosted:
        pay, book = hosted.toolbox.definitions()
        assert (pay["name"], book["name"], book["description"]) == ("pay", "book", "Books a table.")
        assert error_of(await hosted.call("book")).endswith("seats is missing")
        assert (await hosted.call("book", seats=2)).output == "done"
        (question,) = person.asked
        assert question.parameters == book["parameters"]
        assert hosted.toolbox.tools["book"].timeout_s is None


async def test_a_person_may_refuse_or_not_be_there() -> None:
    for person, words in ((Person(""), "I will not"), (None, "nobody is there to answer")):
        async with hosting("ask", setup=ToolSetup(asker=person)) as hosted:
            failure = await hosted.call("anything")
            assert (failure.outcome, error_of(failure)) == ("failed", words)


async def test_a_question_is_taken_back_when_its_call_is_cancelled() -> None:
    person = Person(None)
    async with hosting("ask", setup=ToolSetup(asker=person)) as hosted:
        call_id = hosted.start("anything")
        await hosted.until(lambda: hosted.of(ToolStarted))
        await asyncio.sleep(0)
        hosted.host.cancel(call_id)
        assert (await hosted.finished(call_id)).outcome == "cancelled"
    assert person.was_left


async def test_a_name_that_is_none_is_told() -> None:
    with pytest.raises(UsageError, match="is no name for a tool"):
        async with open_tools(["ask:two words"], ToolSetup()):
            pass
