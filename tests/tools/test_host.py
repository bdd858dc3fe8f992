"""Calls side by side, with approval, limits, and exactly one end for each."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from realtime_cli.core.effects import AnswerApproval, StartTool
from realtime_cli.core.inputs import (
    ApprovalWanted,
    QuitRequested,
    ToolFinished,
    ToolProgress,
    ToolStarted,
)
from realtime_cli.tools import Approvals, LocalTools, ToolFailed, ToolSetup, open_tools
from tests.support.patience import PATIENCE_S
from tests.tools.hosting import Hosted, error_of, hosting, written

TOOLS = '''
import asyncio, dataclasses, os, sys, threading, time
from realtime_cli.tools import Context

meeting = threading.Barrier(2, timeout=60)
running = threading.Event()

def echo(text: str) -> str:
    """Gives back."""
    return text

def meet(word: str) -> str:
    """Returns once two are here."""
    print("before", word)
    meeting.wait()
    print("after", word, file=sys.stderr)
    return word

async def meet_in_the_loop(word: str) -> str:
    """Prints and waits."""
    print("before", word)
    await asyncio.sleep(0)
    print("after", word)
    return word

def stuck() -> str:
    """Never ends."""
    running.set()
    threading.Event().wait()
    return ""

async def patient() -> str:
    """Never ends, and minds."""
    try:
        await asyncio.Event().wait()
    finally:
        print("cleaned up")
    return ""

async def stubborn() -> str:
    """Does not mind."""
    for _ in range(3):
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            pass
    return ""

class Outcome(BaseException):
    """As test runners raise it."""

def raises(kind: str) -> str:
    """Raises in a thread."""
    print("so far")
    raise {"value": ValueError("no such city"), "exit": SystemExit(3), "key": KeyboardInterrupt(),
           "group": BaseExceptionGroup("two", [SystemExit(1), ValueError("x")]),
           "stop": StopIteration(1), "outcome": Outcome("skipped"),
           "cancelled": asyncio.CancelledError()}[kind]

async def raises_in_the_loop(kind: str) -> str:
    """Raises in the loop."""
    raise {"value": ValueError("no such city"), "exit": SystemExit(3), "key": KeyboardInterrupt(),
           "group": BaseExceptionGroup("two", [SystemExit(1), ValueError("x")]),
           "cancelled": asyncio.CancelledError(), "outcome": Outcome("skipped")}[kind]

def big(size: int) -> str:
    """Much."""
    return "x" * size

@dataclasses.dataclass
class Point:
    x: int

def give(what: str) -> object:
    """All kinds of results."""
    return {"none": None, "point": Point(1), "list": [1, Point(2)], "nan": float("nan"), "umlaut": {"a": "ä"},
            "function": print, "nothing": ""}[what]

def look(context: Context) -> dict:
    """Looks at the session, tells how far it is, and ends it."""
    for percent in range(100):
        context.progress(f"{percent} %")
    context.end_session()
    return {"items": len(context.view.items), "call": context.call_id, "mine": context.is_cancelled}

def wait_for_the_end(context: Context) -> str:
    """Stops when nobody wants it any more."""
    running.set()
    while not context.is_cancelled:
        time.sleep(0.005)
    gone.set()
    return ""

gone = threading.Event()

class Picky(int):
    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        from pydantic_core import core_schema
        return core_schema.no_info_before_validator_function(cls.look, core_schema.int_schema())

    @staticmethod
    def look(value):
        raise LookupError(value)

def pick(number: Picky) -> int:
    """Has a type that checks with code."""
    return number

def spill_late() -> str:
    """Tells its secret where its output is cut."""
    return "x" * 65_530 + os.environ["SHOP_TOKEN"]

def report_late(context: Context) -> str:
    """Tells its secret where its report is cut."""
    context.progress("x" * 995 + os.environ["SHOP_TOKEN"])
    return ""

def spill() -> str:
    """Tells its secret."""
    print("key is", os.environ["SHOP_TOKEN"])
    raise ValueError(os.environ["SHOP_TOKEN"])
'''


@pytest.fixture
def tools(tmp_path: Path) -> str:
    return str(written(tmp_path, "mine.py", TOOLS).resolve())


@pytest.fixture
async def hosted(tools: str) -> AsyncIterator[Hosted]:
    async with hosting(tools) as hosted:
        yield hosted


async def test_a_call_begins_and_ends(hosted: Hosted) -> None:
    done = await hosted.call("echo", text="hi")
    assert hosted.posted == [ToolStarted("call_1"), ToolFinished("call_1", "hi")]
    assert done.output == "hi"


async def test_calls_run_side_by_side_and_their_prints_are_kept_apart(
    tools: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with hosting(tools) as hosted:
        ids = [hosted.start("meet", f'{{"word": "{word}"}}') for word in "ab"]
        ids += [hosted.start("meet_in_the_loop", f'{{"word": "{word}"}}') for word in "cd"]
        ends = [await hosted.finished(call_id) for call_id in ids]
        assert [end.output for end in ends] == ["a", "b", "c", "d"]
        assert [end.detail for end in ends] == [f"before {word}\nafter {word}\n" for word in "abcd"]
        assert capsys.readouterr() == ("", "")


async def test_the_streams_are_as_before_once_the_tools_are_closed(tools: str) -> None:
    before = sys.stdout, sys.stderr
    async with open_tools([tools], ToolSetup()):
        assert (sys.stdout, sys.stderr) != before
    assert (sys.stdout, sys.stderr) == before


async def test_what_is_printed_beside_the_calls_goes_where_it_always_went(
    tools: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with hosting(tools) as hosted:
        await hosted.call("meet_in_the_loop", word="a")
        print("ours")
        stray = threading.Thread(target=print, args=("a thread of a tool",))
        stray.start()
        stray.join()
        assert capsys.readouterr().out == "ours\n"


@pytest.mark.parametrize("tool", ["raises", "raises_in_the_loop"])
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("value", "ValueError: no such city"),
        ("exit", "SystemExit: 3"),
        ("key", "KeyboardInterrupt"),
        ("group", "SystemExit: 1; ValueError: x"),
        ("outcome", "Outcome: skipped"),
    ],
)
async def test_whatever_a_tool_raises_is_words_for_the_model_and_a_traceback_for_its_author(
    hosted: Hosted, tool: str, kind: str, words: str
) -> None:
    failure = await hosted.call(tool, kind=kind)
    assert failure.outcome == "failed"
    assert error_of(failure) == words
    assert "mine.py" in failure.detail
    assert "realtime_cli" not in failure.detail
    assert (await hosted.call("echo", text="still here")).output == "still here"


async def test_oddities_of_futures_and_tasks_are_failures_too(tools: str) -> None:
    async with hosting(tools) as hosted:
        stop = await hosted.call("raises", kind="stop")
        assert error_of(stop) == "StopIteration: 1"
        assert stop.detail.endswith("so far")
        assert error_of(await hosted.call("raises", kind="cancelled")) == "CancelledError"
        gave_up = await hosted.call("raises_in_the_loop", kind="cancelled")
        assert (gave_up.outcome, error_of(gave_up)) == ("failed", "the tool gave up")


@pytest.mark.parametrize(
    ("what", "output"),
    [
        ("none", "null"),
        ("point", '{"x":1}'),
        ("list", '[1,{"x":2}]'),
        ("nan", "null"),
        ("umlaut", '{"a":"ä"}'),
        ("nothing", ""),
    ],
)
async def test_results_are_json_unless_they_are_text(hosted: Hosted, what: str, output: str) -> None:
    assert (await hosted.call("give", what=what)).output == output


async def test_a_result_that_json_cannot_hold_is_a_failure_that_says_so(hosted: Hosted) -> None:
    failure = await hosted.call("give", what="function")
    assert failure.outcome == "failed"
    assert "cannot be written as JSON" in error_of(failure)


async def test_a_large_output_is_cut_and_says_so(hosted: Hosted) -> None:
    done = await hosted.call("big", size=5_000_000)
    kept, note = done.output.split("\n")
    assert kept == "x" * 65_536
    assert note == "[cut: these are the first 65,536 of 5,000,000 bytes]"
    assert (await hosted.call("big", size=65_536)).output == "x" * 65_536


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("{", "the arguments are not JSON"),
        ("[]", "must be a JSON object"),
        ("{}", "text is missing"),
        ('{"text": 1}', "text: Input should be a valid string"),
        ('{"text": "a", "more": 1}', "more is not a parameter"),
    ],
)
async def test_arguments_that_do_not_fit_are_an_error_that_the_model_can_mend(
    hosted: Hosted, arguments: str, words: str
) -> None:
    failure = await hosted.finished(hosted.start("echo", arguments))
    assert failure.outcome == "failed"
    assert words in error_of(failure)
    assert not hosted.of(ToolStarted)


async def test_no_arguments_at_all_are_an_empty_object(hosted: Hosted) -> None:
    assert (await hosted.finished(hosted.start("look", ""))).outcome == "done"


async def test_an_unknown_tool_is_a_failure_that_names_those_that_there_are(hosted: Hosted) -> None:
    failure = await hosted.call("echoes")
    assert failure.outcome == "failed"
    assert error_of(failure).startswith("there is no tool echoes; there are: echo, meet,")


async def test_the_same_call_is_made_once(hosted: Hosted) -> None:
    for _ in range(2):
        hosted.host.start(StartTool("call_x", "meet_in_the_loop", '{"word": "a"}'))
    await hosted.finished("call_x")
    assert hosted.of(ToolStarted) == [ToolStarted("call_x")]


async def test_a_tool_that_takes_too_long_fails_and_a_late_result_is_nobodys(tools: str) -> None:
    async with hosting(tools, setup=ToolSetup(timeout_s=0.05)) as hosted:
        for name in ("stuck", "patient", "stubborn"):
            failure = await hosted.call(name)
            assert failure.outcome == "failed"
            assert error_of(failure) == f"{name} did not finish within 0.05 s"
    assert len(hosted.of(ToolFinished)) == 3


async def test_a_cancelled_call_ends_at_once(hosted: Hosted) -> None:
    stuck, patient = hosted.start("stuck"), hosted.start("patient")
    await hosted.until(lambda: len(hosted.of(ToolStarted)) == 2)
    for call_id in (stuck, patient, "unknown"):
        hosted.host.cancel(call_id)
    for call_id in (stuck, patient):
        assert (await hosted.finished(call_id)).outcome == "cancelled"


async def test_a_tool_in_a_thread_learns_that_it_was_cancelled(hosted: Hosted, tools: str) -> None:
    call_id = hosted.start("wait_for_the_end")
    module = sys.modules[tools]
    await asyncio.to_thread(module.running.wait, PATIENCE_S)
    hosted.host.cancel(call_id)
    assert await asyncio.to_thread(module.gone.wait, PATIENCE_S)


async def test_the_end_of_the_session_ends_the_calls(tools: str) -> None:
    async with hosting(tools) as hosted:
        ids = [hosted.start(name) for name in ("stuck", "patient", "stubborn")]
        await hosted.until(lambda: len(hosted.of(ToolStarted)) == 3)
    assert {each.call_id: each.outcome for each in hosted.of(ToolFinished)} == dict.fromkeys(ids, "cancelled")


async def test_a_call_that_comes_before_the_host_runs_is_made_then(tools: str) -> None:
    async with open_tools([tools], ToolSetup()) as toolbox:
        host = LocalTools(toolbox, Approvals())
        hosted = Hosted(toolbox, host)
        host.start(StartTool("early", "echo", '{"text": "hi"}'))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(host.run(hosted.post))
            assert (await hosted.finished("early")).output == "hi"
            host.close()


async def test_a_context_shows_the_session_and_can_end_it(hosted: Hosted) -> None:
    done = await hosted.call("look")
    assert json.loads(done.output) == {"items": 0, "call": "call_1", "mine": False}
    progress = [each.text for each in hosted.of(ToolProgress)]
    assert 1 <= len(progress) < 20
    assert hosted.posted[-2:] == [done, QuitRequested()]


async def test_the_policy_asks_denies_and_allows(tools: str) -> None:
    approvals = Approvals("ask", {"big": "never", "echo": "always"})
    async with hosting(tools, approvals=approvals) as hosted:
        assert (await hosted.call("echo", text="a")).outcome == "done"
        assert (await hosted.call("big", size=1)).outcome == "denied"
        yes, no = hosted.start("give", '{"what": "none"}'), hosted.start("give", '{"what": "none"}')
        assert hosted.of(ApprovalWanted) == [ApprovalWanted(yes), ApprovalWanted(no)]
        hosted.host.answer(AnswerApproval(yes, approves=True))
        hosted.host.answer(AnswerApproval(yes, approves=False))
        hosted.host.answer(AnswerApproval(no, approves=False))
        assert (await hosted.finished(yes)).outcome == "done"
        denied = await hosted.finished(no)
        assert (denied.outcome, error_of(denied)) == ("denied", "the user did not allow this call")
        assert ToolStarted(no) not in hosted.posted


async def test_nobody_is_asked_to_approve_arguments_that_do_not_fit(tools: str) -> None:
    async with hosting(tools, approvals=Approvals("ask")) as hosted:
        assert (await hosted.call("echo", text=1)).outcome == "failed"
        assert not hosted.of(ApprovalWanted)


async def test_an_approval_times_out(tools: str) -> None:
    async with hosting(tools, approvals=Approvals("ask"), approval_s=0.02) as hosted:
        denied = await hosted.call("echo", text="a")
        assert (denied.outcome, error_of(denied)) == ("denied", "nobody approved this call within 0.02 s")


async def test_in_a_pipe_ask_means_no_and_says_so(tools: str) -> None:
    async with hosting(tools, approvals=Approvals("ask"), can_ask=False) as hosted:
        denied = await hosted.call("echo", text="a")
        assert denied.outcome == "denied"
        assert "needs the user's approval, and nobody is there" in error_of(denied)
        assert not hosted.of(ApprovalWanted)


async def test_a_waiting_call_can_be_cancelled(tools: str) -> None:
    async with hosting(tools, approvals=Approvals("ask")) as hosted:
        call_id = hosted.start("echo", '{"text": "a"}')
        hosted.host.cancel(call_id)
        assert (await hosted.finished(call_id)).outcome == "cancelled"


async def test_secrets_that_tools_are_given_are_taken_out(
    tools: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "hunter2hunter2")
    written(tmp_path, "any.py", "")
    setup = ToolSetup(cwd=tmp_path, passed=("SHOP_TOKEN",))
    async with hosting(tools, f"cmd:{Path(sys.executable).as_posix()} any.py", setup=setup) as hosted:
        failure = await hosted.call("spill")
        assert error_of(failure) == "ValueError: [redacted]"
        assert "hunter2" not in failure.detail
        assert "key is [redacted]" in failure.detail
        assert "hunter2" not in repr(setup)
        assert "hunte" not in (await hosted.call("spill_late")).output
        await hosted.call("report_late")
        assert all(len(each.text) <= 1000 and "hunte" not in each.text for each in hosted.of(ToolProgress))


async def test_a_type_that_checks_with_code_raises_nothing_but_a_mismatch(tools: str) -> None:
    async with open_tools([tools], ToolSetup()) as toolbox:
        with pytest.raises(ToolFailed, match="do not fit the schema: LookupError: 3"):
            toolbox.tools["pick"].check({"number": 3})
