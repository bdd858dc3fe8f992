from __future__ import annotations

from realtime_cli.cli.discretion import DiscreetTransport
from realtime_cli.redaction import Redactor
from realtime_cli.runtime.memory import MemoryTransport


def test_what_waits_for_the_socket_waits_behind_a_discreet_one_too() -> None:
    transport = MemoryTransport(lambda _: ())
    transport.queued_bytes = 7
    assert DiscreetTransport(transport, Redactor([])).queued_bytes == 7
