"""Tools: what the model may call. Python functions, commands, MCP servers, canned answers, and people.

`open_tools` turns what `--tools` names into a `Toolbox`; `LocalTools` runs the calls of a session with it.
"""

from __future__ import annotations

from .approvals import Approvals, parse_approvals
from .arguments import parse_arguments
from .asking import Asker, NoAnswer, Question
from .calling import BY_HAND, Ending, call_alone
from .context import Context
from .host import APPROVAL_S, LocalTools
from .privacy import secrets_of_url
from .sources import ToolSetup
from .tool import DEFAULT_TIMEOUT_S, Tool, ToolFailed
from .toolbox import Toolbox, open_tools

__all__ = [
    "APPROVAL_S",
    "BY_HAND",
    "DEFAULT_TIMEOUT_S",
    "Approvals",
    "Asker",
    "Context",
    "Ending",
    "LocalTools",
    "NoAnswer",
    "Question",
    "Tool",
    "ToolFailed",
    "ToolSetup",
    "Toolbox",
    "call_alone",
    "open_tools",
    "parse_approvals",
    "parse_arguments",
    "secrets_of_url",
]
