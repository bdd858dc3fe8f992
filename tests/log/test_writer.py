from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from itertools import takewhile
from pathlib import Path
from textwrap import dedent

import pytest

from realtime_cli.errors import BadInput
from realtime_cli.log import LogEntry, LogHeader, LogWriter, open_log
from realtime_cli.log.writer import MAX_WAITING_BYTES
from realtime_cli.redaction import REDACTED, Redactor

HEADER = LogHeader(program="realtime 0.1.0", url="wss://h", provider="openai", dialect="ga", started="s")
DEADLINE_S = 20.0

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")


class Failures(list[str]):
    """What a writer reports, and an event for who waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.came = threading.Event()

    def __call__(self, message: str) -> None:
        self.append(message)
        self.came.set()


def no_failure(message: str) -> None:
    raise AssertionError(message)


def writer_for(path: Path, *, secrets: tuple[str, ...] = ()) -> LogWriter:
    return LogWriter(path, HEADER, redactor=Redactor(secrets), on_failure=no_failure)


def entries_of(path: Path) -> list[LogEntry]:
    recording = open_log(path)
    entries = list(recording.entries())
    assert recording.damage is None
    return entries


def run(script: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", dedent(script), path], stdout=subprocess.PIPE, text=True)


def test_a_log_holds_header_and_frames_in_order(tmp_path: Path) -> None:
    with writer_for(tmp_path / "a.jsonl") as log:
        log.write(0.1, "local", '{"type":"user_text"}', is_object=True)
        log.write(0.25, "out", '{"type": "x"}', is_object=True)
        log.write(0.5, "in", "garbage", is_object=False)
        log.write(0.75, "in", b"\0\1", is_object=False)
    assert open_log(log.path).header == HEADER
    assert entries_of(log.path) == [
        LogEntry(1, 0.1, "local", '{"type":"user_text"}'),
        LogEntry(2, 0.25, "out", '{"type": "x"}'),
        LogEntry(3, 0.5, "in", "garbage"),
        LogEntry(4, 0.75, "in", b"\0\1"),
    ]
    assert log.size_bytes == log.path.stat().st_size


@posix_only
def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    writer_for(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_empty_file_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    writer_for(tmp_path / "a.jsonl").close()
    assert open_log(tmp_path / "a.jsonl").header == HEADER


def test_a_file_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("precious")
    with pytest.raises(BadInput, match="has something in it already") as caught:
        writer_for(tmp_path / "a.jsonl")
    assert caught.value.hint
    assert (tmp_path / "a.jsonl").read_text() == "precious"


@pytest.mark.parametrize("name", [".", "missing/a.jsonl", "file/a.jsonl", "file/folder/a.jsonl"])
def test_a_file_that_cannot_be_opened_is_bad_input(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="the log cannot be written to") as caught:
        writer_for(tmp_path / name)
    assert "--no-log" in caught.value.hint
    assert not (tmp_path / "missing").exists()


def test_secrets_never_enter(tmp_path: Path) -> None:
    key = "sk-" + "abcd" * 4
    header = LogHeader(program=key, url=f"wss://u:{key}@h/?key={key}", provider="", dialect="", started="")
    with LogWriter(tmp_path / "a", header, redactor=Redactor(["hunter22"]), on_failure=no_failure) as log:
        log.write(0, "out", f'{{"a":"{key}", "b":"hunter22"}}', is_object=True)
        log.write(0, "in", f"{key}\nhunter22", is_object=False)
        log.write(0, "in", f"\0{key}\xff hunter22".encode("latin-1"), is_object=False)
    assert b"sk-abc" not in log.path.read_bytes()
    assert [entry.raw for entry in entries_of(log.path)] == [
        f'{{"a":"{REDACTED}", "b":"{REDACTED}"}}',
        f"{REDACTED}\n{REDACTED}",
        f"\0{REDACTED}\xff {REDACTED}".encode("latin-1"),
    ]


def test_a_secret_of_digits_does_not_break_the_log(tmp_path: Path) -> None:
    with writer_for(tmp_path / "a.jsonl", secrets=("123456",)) as log:
        log.write(0, "in", '{"expires_at":1234567}', is_object=True)
        log.write(0, "in", '{"value":"1234567"}', is_object=True)
    assert [entry.raw for entry in entries_of(log.path)] == [
        f'{{"expires_at":{REDACTED}7}}',
        f'{{"value":"{REDACTED}7"}}',
    ]


def test_closing_twice_and_writing_after_it_do_nothing(tmp_path: Path) -> None:
    log = writer_for(tmp_path / "a.jsonl")
    log.close()
    log.write(0, "in", "{}", is_object=True)
    log.close()
    assert entries_of(log.path) == []


def test_many_threads_may_write(tmp_path: Path) -> None:
    with writer_for(tmp_path / "a.jsonl") as log:

        def write_all() -> None:
            for _ in range(500):
                log.write(0, "in", "{}", is_object=True)

        threads = [threading.Thread(target=write_all) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE_S)
    assert [entry.seq for entry in entries_of(log.path)] == list(range(1, 2001))


@linux_only
def test_a_full_disk_stops_the_log_with_one_warning() -> None:
    failures = Failures()
    with LogWriter(Path("/dev/full"), HEADER, redactor=Redactor(), on_failure=failures) as log:
        assert failures.came.wait(DEADLINE_S)
        for _ in range(1000):
            log.write(0, "in", "{}", is_object=True)
    assert failures == ["the log stopped after 0 bytes: No space left on device (/dev/full)"]


@posix_only
def test_a_disk_that_fills_up_leaves_whole_lines(tmp_path: Path) -> None:
    script = """
        import resource, sys
        from pathlib import Path
        from realtime_cli.log import LogHeader, LogWriter
        from realtime_cli.redaction import Redactor

        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        header = LogHeader(program="", url="", provider="", dialect="", started="")
        with LogWriter(Path(sys.argv[1]), header, redactor=Redactor(), on_failure=print) as log:
            for number in range(1000):
                log.write(number, "in", '{"type":"x"}', is_object=True)
        print(log.size_bytes)
    """
    path = tmp_path / "a.jsonl"
    with run(script, path) as process:
        output, _ = process.communicate(timeout=DEADLINE_S)
    warning, size_bytes = output.splitlines()
    assert warning.startswith("the log stopped after 9,")
    assert int(size_bytes) == path.stat().st_size
    assert len(entries_of(path)) > 150


@posix_only
def test_a_disk_that_hangs_stops_the_log_and_memory_stays_bounded(tmp_path: Path) -> None:
    failures = Failures()
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)  # it never reads: writing hangs
    log = LogWriter(tmp_path / "pipe", HEADER, redactor=Redactor(), on_failure=failures)
    frame = f'{{"delta":"{"A" * 2**20}"}}'
    for _ in range(MAX_WAITING_BYTES // 2**20 + 2):
        log.write(0, "in", frame, is_object=True)
    assert len(failures) == 1
    assert "the disk is too slow" in failures[0]
    os.close(reader)
    log.close()
    assert len(failures) == 1


@posix_only
def test_closing_gives_up_on_a_disk_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_cli.log.writer.CLOSE_TIMEOUT_S", 0.1)
    failures = Failures()
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    log = LogWriter(tmp_path / "pipe", HEADER, redactor=Redactor(), on_failure=failures)
    log.write(0, "in", f'{{"delta":"{"A" * 2**20}"}}', is_object=True)
    log.close()
    assert len(failures) == 1
    assert "the disk does not answer" in failures[0]
    os.close(reader)
    log.close()
    assert len(failures) == 1


@linux_only
def test_a_listener_whose_loop_has_closed_is_no_harm() -> None:
    heard = threading.Event()

    def on_failure(message: str) -> None:
        heard.set()
        raise RuntimeError("Event loop is closed")

    with LogWriter(Path("/dev/full"), HEADER, redactor=Redactor(), on_failure=on_failure):
        assert heard.wait(DEADLINE_S)


def test_kill_loses_at_most_the_last_second(tmp_path: Path) -> None:
    script = """
        import sys, threading, time
        from pathlib import Path
        from realtime_cli.log import LogHeader, LogWriter
        from realtime_cli.redaction import Redactor

        header = LogHeader(program="", url="", provider="", dialect="", started="")
        log = LogWriter(Path(sys.argv[1]), header, redactor=Redactor(), on_failure=print)
        pace = threading.Event()
        while True:
            now_s = time.monotonic()
            log.write(now_s, "in", '{"type":"x"}', is_object=True)
            print(now_s, flush=True)
            pace.wait(0.005)
    """
    with run(script, tmp_path / "a.jsonl") as process:
        assert process.stdout is not None
        times = map(float, process.stdout)
        first = next(times)
        running = list(takewhile(lambda now_s: now_s < first + 1.6, times))
        process.kill()
        last = max([*running, *times])  # what was printed between the decision and the kill
    logged = list(open_log(tmp_path / "a.jsonl").entries())
    assert logged[0].t_s == first
    assert logged[-1].t_s > last - 1
