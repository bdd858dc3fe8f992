from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import textwrap
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.audio.shared_ring import Ring, attach, ring_bytes, share

_CAPACITY_BYTES = 256


def _ring_pair(capacity_bytes: int = _CAPACITY_BYTES) -> tuple[Ring, Ring]:
    memory = memoryview(bytearray(ring_bytes(capacity_bytes)))
    return Ring(memory), Ring(memory)


@given(st.lists(st.one_of(st.binary(max_size=100), st.integers(0, 300))))
def test_the_reader_gets_what_was_written_in_order(steps: list[bytes | int]) -> None:
    writer, reader = _ring_pair()
    written, read = b"", b""
    for step in steps:
        if isinstance(step, int):
            read += reader.read(min(len(written), len(read) + step))
            continue
        position = writer.write(step)
        assert (position is None) == (len(written) + len(step) - len(read) > _CAPACITY_BYTES)
        written += step if position is not None else b""
        assert position in (None, len(written))
    assert read + reader.read(len(written)) == written
    assert reader.lost_bytes == 0


@given(st.lists(st.binary(max_size=30).map(lambda half: half + half)), st.integers(1, 9))
def test_overwriting_loses_the_oldest_and_counts_it(blocks: list[bytes], patience: int) -> None:
    writer, reader = _ring_pair()
    written, read_bytes = b"", 0
    for number, block in enumerate(blocks):
        position = writer.overwrite(block)
        written += block
        assert position == len(written)
        if number % patience:
            continue
        waiting_bytes = position - read_bytes - reader.lost_bytes
        data = reader.read(position)
        read_bytes += len(data)
        assert written.endswith(data)
        assert read_bytes + reader.lost_bytes == position
        assert (len(data) == waiting_bytes) == (waiting_bytes <= _CAPACITY_BYTES)


def test_a_reader_that_slept_gets_the_newest() -> None:
    writer, reader = _ring_pair()
    position, data = 0, b"".join(number.to_bytes(2, "big") for number in range(1000))
    for at in range(0, len(data), 50):
        position = writer.overwrite(data[at : at + 50])
    newest = reader.read(position)
    assert len(newest) >= _CAPACITY_BYTES // 2
    assert data.endswith(newest)
    assert reader.lost_bytes == len(data) - len(newest)


def test_a_write_that_does_not_fit_changes_nothing() -> None:
    writer, reader = _ring_pair()
    assert writer.write(b"a" * 200) == 200
    assert writer.write(b"b" * 57) is None
    assert writer.write(b"c" * 56) == 256
    assert reader.read(256) == b"a" * 200 + b"c" * 56


def test_the_reader_never_reads_past_what_was_announced() -> None:
    writer, reader = _ring_pair()
    writer.write(b"abcdef")
    assert reader.read(4) == b"abcd"
    assert reader.read(2) == b""
    assert reader.read(6) == b"ef"


def test_a_racing_reader_never_gets_torn_data() -> None:
    """Every run of four bytes is one number, and the numbers rise by one: torn data would break that."""
    writer, reader = _ring_pair(4096)
    positions = [0]

    def write() -> None:
        for number in range(0, 200_000, 50):
            run = b"".join(value.to_bytes(4, "big") for value in range(number, number + 50))
            positions[0] = writer.overwrite(run)

    thread = threading.Thread(target=write)
    thread.start()
    total = 0
    while thread.is_alive() or total + reader.lost_bytes < positions[0]:
        lost_before = reader.lost_bytes
        data = reader.read(positions[0])
        first = (total + reader.lost_bytes) // 4
        assert lost_before <= reader.lost_bytes
        expected = b"".join(value.to_bytes(4, "big") for value in range(first, first + len(data) // 4))
        assert data == expected
        total += len(data)
    thread.join()
    assert total + reader.lost_bytes == 800_000


_CHILD = textwrap.dedent(
    """
    import hashlib, sys
    from realtime_cli.audio.shared_ring import Ring, attach
    size = int(sys.argv[2])
    ring = Ring(memoryview(attach(sys.argv[1], size)))
    digest = hashlib.sha256()
    for line in sys.stdin:
        digest.update(ring.read(int(line)))
    print(digest.hexdigest())
    """
)


@pytest.mark.parametrize("capacity_bytes", [30_000, 32 * 1024 * 1024])
def test_megabytes_reach_another_process_unchanged(capacity_bytes: int) -> None:
    size_bytes = ring_bytes(capacity_bytes)
    with share(size_bytes) as shared:
        ring = Ring(memoryview(shared.memory))
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, shared.handle, str(size_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=shared.fds,
            text=True,
        )
    digest = hashlib.sha256()
    assert child.stdin is not None
    for number in range(5000):
        data = hashlib.sha512(number.to_bytes(4, "big")).digest() * (1 + number % 40)
        digest.update(data)
        while (position := ring.write(data)) is None:
            child.stdin.flush()
        child.stdin.write(f"{position}\n")
    out, _ = child.communicate(timeout=30)
    assert out.strip() == digest.hexdigest()
    assert ring.write(b"x" * capacity_bytes) is not None  # all of it was read


@pytest.mark.skipif(sys.platform == "win32", reason="the memory is no file there")
def test_only_the_memory_that_is_used_costs_something() -> None:
    with share(ring_bytes(512 * 1024 * 1024)) as shared:
        ring = Ring(memoryview(shared.memory))
        position = ring.write(b"x" * 100_000)
        assert position is not None
        assert ring.read(position) == b"x" * 100_000
        assert os.fstat(shared.fds[0]).st_blocks * 512 < 1_000_000


def test_memory_without_a_child_is_seen_by_whoever_attaches() -> None:
    with share(ring_bytes(1000)) as shared:
        here = Ring(memoryview(shared.memory))
        handle = shared.handle if not shared.fds else str(os.dup(shared.fds[0]))
        there = Ring(memoryview(attach(handle, ring_bytes(1000))))
        position = here.write(b"hello")
    assert position == 5
    assert there.read(5) == b"hello"
