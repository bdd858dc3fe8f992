"""Who decides whether a call is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from realtime_cli.errors import UsageError

Policy: TypeAlias = Literal["always", "never", "ask"]
Decision: TypeAlias = Literal["run", "deny", "ask"]

_DECISIONS: Mapping[str, Decision] = {"always": "run", "never": "deny", "ask": "ask"}


@dataclass(frozen=True, slots=True)
class Approvals:
    """The policy for all tools (None: each as its kind needs), and for single ones by name."""

    policy: Policy | None = None
    of_tool: Mapping[str, Policy] = field(default_factory=dict[str, Policy])

    def decide(self, name: str, *, needs_approval: bool) -> Decision:
        """What happens to a call of this tool; a server's MCP call is decided in the same way."""
        policy = self.of_tool.get(name) or self.policy or ("ask" if needs_approval else "always")
        return _DECISIONS[policy]


def parse_approvals(given: Iterable[str]) -> Approvals:
    """What `--approve POLICY` and `--approve NAME=POLICY` say; later ones win. Raises `UsageError`."""
    policy: Policy | None = None
    of_tool: dict[str, Policy] = {}
    for text in given:
        name, equals, word = text.rpartition("=")
        if not equals:
            policy = _policy(word, text)
        else:
            of_tool[name.strip()] = _policy(word if name.strip() else "", text)
    return Approvals(policy, of_tool)


def _policy(word: str, text: str) -> Policy:
    match word.strip():
        case "always" | "never" | "ask" as policy:
            return policy
        case _:
            hint = "say always, never or ask; for one tool: --approve NAME=always"
            raise UsageError(f"--approve {text!r} is no policy", hint=hint)
