"""Function calls: each one is told up to three times, and is still one call."""

from __future__ import annotations

from dataclasses import replace

from .view import CallState, CallView

_OVER = frozenset[CallState]({"done", "failed", "denied", "cancelled"})


class CallList:
    """All function calls by `call_id`, in the order in which they showed up."""

    def __init__(self) -> None:
        self._calls: dict[str, CallView] = {}
        self._keys: dict[str, str] = {}

    def of_item(self, item_id: str) -> CallView | None:
        """The call that an item carries."""
        return self._calls.get(self._keys.get(item_id, ""))

    def heard(
        self,
        *,
        call_id: str | None,
        item_id: str,
        name: str | None = None,
        arguments: str | None = None,
        response_id: str | None = None,
        is_complete: bool = False,
    ) -> CallView:
        """Brings a call up to date; where a server leaves out `call_id`, the item stands in for it.

        A call is pending, and can be made, once its arguments are complete and its name is known.
        """
        key = self._key(call_id, item_id)
        old = self._calls.get(key) or CallView(key, "", "", "collecting", item_id)
        if old.state != "collecting":
            return old
        kept = "" if is_complete and arguments is not None else old.arguments
        call = replace(
            old,
            call_id=call_id or old.call_id,
            name=name or old.name,
            arguments=kept + (arguments or ""),
            response_id=response_id or old.response_id,
        )
        self._calls[key] = replace(call, state="pending") if is_complete and call.name else call
        return self._calls[key]

    def finished(
        self, call_id: str, output: str, *, outcome: CallState = "done", now: float | None = None
    ) -> CallView | None:
        """Notes a call's output; None where the call is unknown or was answered before."""
        key = self._keys.get(call_id, "")
        call = self._calls.get(key)
        if call is None or call.state in _OVER:
            return None
        self._calls[key] = replace(call, state=outcome, output=output, ended_s=now)
        return self._calls[key]

    def any_pending(self, response_id: str | None) -> bool:
        """Whether a complete call of an answer still waits for its output."""
        return any(
            call.state not in _OVER and call.state != "collecting" and call.response_id == response_id
            for call in self._calls.values()
        )

    def snapshot(self) -> tuple[CallView, ...]:
        """All calls, oldest first."""
        return tuple(self._calls.values())

    def _key(self, call_id: str | None, item_id: str) -> str:
        names = [name for name in (call_id, item_id) if name]
        key = next((self._keys[name] for name in names if name in self._keys), names[0])
        self._keys.update(dict.fromkeys(names, key))
        return key
