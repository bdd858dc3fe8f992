"""Runs the calls of a session: side by side, with approval, limits, and exactly one end for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from realtime_cli.core.effects import AnswerApproval, StartTool
from realtime_cli.core.inputs import ApprovalWanted, QuitRequested, ToolFinished, ToolProgress, ToolStarted
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.runtime.ports import Post

from .approvals import Approvals
from .arguments import parse_arguments
from .calling import Ending, failed, perform, too_late
from .context import Context
from .tool import Arguments, Tool, ToolFailed
from .toolbox import Toolbox

APPROVAL_S = 120.0
# A tool that does not stop when it is told to is left behind.
_FAREWELL_S = 2.0
_LONGEST_REPORT = 1000


@dataclass(slots=True, eq=False)
class _Call:
    """A call on its way; `timer` is when patience ends: for the approval, then for the tool."""

    tool: Tool
    arguments: Arguments
    context: Context
    timer: asyncio.TimerHandle | None = None
    task: asyncio.Task[None] | None = None


class LocalTools:
    """A `ToolHost` for the tools of a toolbox.

    `look` gives tools the session's view. `can_ask` is False where nobody is there to approve: then what
    needs approval is denied.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        approvals: Approvals,
        *,
        look: Callable[[], SessionView] | None = None,
        can_ask: bool = True,
        approval_s: float = APPROVAL_S,
    ) -> None:
        self._toolbox = toolbox
        self._approvals = approvals
        self._look = look or Session({}).view
        self._can_ask = can_ask
        self._approval_s = approval_s
        self._calls: dict[str, _Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._early: list[Callable[[], None]] = []
        self._post: Post | None = None
        self._over = asyncio.Event()
        self._bug: BaseException | None = None

    async def run(self, post: Post) -> None:
        """Runs what `start` was told, and posts what becomes of it, until `close`."""
        self._post = post
        early, self._early = self._early, []
        for act in early:
            act()
        try:
            await self._over.wait()
        finally:
            for call_id in list(self._calls):
                self.cancel(call_id)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=_FAREWELL_S)
        if self._bug is not None:
            raise self._bug

    def start(self, call: StartTool) -> None:
        """Takes a call; the same `call_id` while it runs changes nothing."""
        if self._post is None:
            self._early.append(lambda: self.start(call))
        elif call.call_id not in self._calls and not self._over.is_set():
            self._begin(call)

    def answer(self, answer: AnswerApproval) -> None:
        """Goes on with a call that waits for approval, or gives it up."""
        call = self._calls.get(answer.call_id)
        if call is None or call.task is not None:
            return
        if answer.approves:
            self._run(answer.call_id, call)
        else:
            self._finish(answer.call_id, failed("the user did not allow this call", outcome="denied"))

    def cancel(self, call_id: str) -> None:
        """Stops a call; a thread cannot be stopped, and is left to itself."""
        if self._post is None:
            self._early.append(lambda: self.cancel(call_id))
        ending = failed("this call was cancelled", outcome="cancelled")
        self._finish(call_id, ending, is_cancelled=True)

    def close(self) -> None:
        """Stops everything; `run` returns soon after."""
        self._over.set()

    def _begin(self, call: StartTool) -> None:
        tool = self._toolbox.find(call.name)
        if tool is None:
            known = ", ".join(self._toolbox.tools) or "none"
            self._tell(call.call_id, failed(f"there is no tool {call.name}; there are: {known}"))
            return
        try:
            arguments = tool.check(parse_arguments(call.arguments))
        except ToolFailed as mismatch:
            self._tell(call.call_id, failed(str(mismatch)))
        else:
            self._decide(call.call_id, tool, arguments)

    def _decide(self, call_id: str, tool: Tool, arguments: Arguments) -> None:
        call = _Call(tool, arguments, self._context(call_id))
        self._calls[call_id] = call
        match self._approvals.decide(tool.name, needs_approval=tool.needs_approval):
            case "run":
                self._run(call_id, call)
            case "deny":
                self._finish(call_id, failed("the user allows no calls of this tool", outcome="denied"))
            case "ask" if self._can_ask:
                self._tell_session(ApprovalWanted(call_id))
                words = f"nobody approved this call within {self._approval_s:g} s"
                self._limit(call_id, call, self._approval_s, failed(words, outcome="denied"))
            case "ask":
                words = "this call needs the user's approval, and nobody is there to give it"
                self._finish(call_id, failed(words, outcome="denied"))

    def _context(self, call_id: str) -> Context:
        def report(text: str) -> None:
            public = self._toolbox.redactor.text(text)[:_LONGEST_REPORT]
            self._tell_session(ToolProgress(call_id, public))

        return Context(call_id, look=self._look, report=report)

    def _run(self, call_id: str, call: _Call) -> None:
        if call.timer is not None:
            call.timer.cancel()
        self._tell_session(ToolStarted(call_id))
        call.task = asyncio.create_task(self._perform(call_id, call), name=f"tool {call.tool.name}")
        self._tasks.add(call.task)
        call.task.add_done_callback(self._ended)
        if call.tool.timeout_s is not None:
            self._limit(call_id, call, call.tool.timeout_s, too_late(call.tool))

    async def _perform(self, call_id: str, call: _Call) -> None:
        redact = self._toolbox.redactor.text
        self._finish(call_id, await perform(call.tool, call.arguments, call.context, redact=redact))

    def _limit(self, call_id: str, call: _Call, limit_s: float, ending: Ending) -> None:
        loop = asyncio.get_running_loop()
        call.timer = loop.call_later(limit_s, lambda: self._finish(call_id, ending, is_cancelled=True))

    def _finish(self, call_id: str, ending: Ending, *, is_cancelled: bool = False) -> None:
        """Ends a call, whoever comes first: the tool, the user, or the clock."""
        call = self._calls.pop(call_id, None)
        if call is None:
            return
        if call.timer is not None:
            call.timer.cancel()
        call.context.finish(is_cancelled=is_cancelled)
        if is_cancelled and call.task is not None:
            call.task.cancel()
        self._tell(call_id, ending)
        if call.context.wants_end:
            self._tell_session(QuitRequested())

    def _tell(self, call_id: str, ending: Ending) -> None:
        self._tell_session(ToolFinished(call_id, ending.output, ending.outcome, ending.detail))

    def _tell_session(
        self, told: ApprovalWanted | QuitRequested | ToolFinished | ToolProgress | ToolStarted
    ) -> None:
        if self._post is not None:
            self._post(told)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            self._bug = bug
            self._over.set()
