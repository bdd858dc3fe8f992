from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
import sys
import threading
import wave
from collections.abc import Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.errors import BadInput
from realtime_cli.samples.g711 import alaw_to_pcm, ulaw_to_pcm
from realtime_cli.samples.riff import Source
from realtime_cli.samples.wav import WavReader, WavWriter

PCM = np.array([0, 1, -1, 1000, -1000, 32767, -32768, 256], "<i2").tobytes()
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def chunk(name: bytes, body: bytes, *, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body + bytes(len(body) % 2)


def fmt(
    tag: int = 1, *, channels: int = 1, rate_hz: int = 24000, bits: int = 16, extra: bytes = b""
) -> bytes:
    frame = channels * bits // 8
    return chunk(
        b"fmt ", struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * frame, frame, bits) + extra
    )


def riff(*chunks: bytes, size: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def extensible(tag: int, **form: int) -> bytes:
    bits = form.get("bits", 16)
    return fmt(0xFFFE, **form, extra=struct.pack("<HHIH", 22, bits, 0, tag) + GUID_TAIL)


class Trickle:
    """A pipe whose other end writes a few bytes at a time."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._data = io.BytesIO(data)
        self._sizes = sizes

    def read(self, size: int, /) -> bytes:
        return self._data.read(min(size, self._sizes.pop() if self._sizes else size))


def read_all(source: Source) -> bytes:
    return b"".join(blocks(WavReader(source, name="question.wav")))


def blocks(reader: WavReader) -> Iterator[bytes]:
    while block := reader.read(3):
        yield block


def read(data: bytes) -> bytes:
    return read_all(io.BytesIO(data))


def refusal(data: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        read(data)
    assert caught.value.hint
    return str(caught.value)


def test_plain_pcm_comes_out_as_it_is() -> None:
    reader = WavReader(io.BytesIO(riff(fmt(rate_hz=16000), chunk(b"data", PCM))), name="question.wav")
    assert reader.encoding.rate_hz == 16000
    assert b"".join(blocks(reader)) == PCM


@pytest.mark.parametrize(
    ("tag", "bits", "data"),
    [
        (1, 8, bytes([128, 129, 127, 255, 0])),
        (1, 24, b"\0\0\0\0\1\0\0\xff\xff\0\0\x7f\0\0\x80"),
        (1, 32, struct.pack("<5i", 0, 256 << 16, -256 << 16, 32512 << 16, -32768 << 16)),
        (3, 32, struct.pack("<5f", 0, 256 / 32768, -256 / 32768, 32512 / 32768, -1)),
        (3, 64, struct.pack("<5d", 0, 256 / 32768, -256 / 32768, 32512 / 32768, -1)),
    ],
)
def test_other_depths_become_16_bits(tag: int, bits: int, data: bytes) -> None:
    small = 1 if bits == 24 else 256
    expected = struct.pack("<5h", 0, small, -small, 32512, -32768)
    assert read(riff(fmt(tag, bits=bits), chunk(b"data", data))) == expected
    assert read(riff(extensible(tag, bits=bits), chunk(b"data", data))) == expected


def test_g711_is_read() -> None:
    data = bytes(range(256))
    assert read(riff(fmt(7, bits=8, rate_hz=8000), chunk(b"data", data))) == ulaw_to_pcm(data)
    assert read(riff(fmt(6, bits=8, rate_hz=8000), chunk(b"data", data))) == alaw_to_pcm(data)


def test_floats_that_are_damage_do_not_bang() -> None:
    data = struct.pack("<4f", float("nan"), float("inf"), 1e30, -1e30)
    assert read(riff(fmt(3, bits=32), chunk(b"data", data))) == struct.pack("<4h", 0, 32767, 32767, -32768)


def test_channels_are_mixed() -> None:
    data = struct.pack("<6h", 100, 300, -100, -300, 32767, 32767)
    assert read(riff(fmt(channels=2), chunk(b"data", data))) == struct.pack("<3h", 200, -200, 32767)
    assert read(riff(fmt(channels=6), chunk(b"data", data))) == struct.pack("<h", 10922)


def test_other_chunks_are_passed_over() -> None:
    odd = chunk(b"LIST", b"abc")
    assert read(riff(odd, fmt(), odd, chunk(b"data", PCM), odd)) == PCM
    long = chunk(b"junk", bytes(200_001))
    assert read(riff(long, fmt(extra=b"\0\0"), long, chunk(b"data", PCM))) == PCM


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
@pytest.mark.parametrize("riff_size", [0, 0xFFFFFFFF, 36])
def test_a_size_that_the_writer_could_not_know_means_to_the_end(size: int, riff_size: int) -> None:
    assert read(riff(fmt(), chunk(b"data", PCM, size=size), size=riff_size)) == PCM


def test_a_file_that_is_cut_off_gives_what_is_there() -> None:
    data = riff(fmt(), chunk(b"data", PCM, size=1000))
    assert read(data) == PCM
    assert read(data[:-1]) == PCM[:-2]


@given(sizes=st.lists(st.integers(1, 40), max_size=60))
def test_a_pipe_gives_the_same_as_a_file(sizes: list[int]) -> None:
    data = riff(chunk(b"LIST", b"abc"), fmt(channels=2, bits=24), chunk(b"data", bytes(range(240))))
    assert read_all(Trickle(data, sizes)) == read(data)


def test_what_was_read_before_counts() -> None:
    data = riff(fmt(), chunk(b"data", PCM))
    reader = WavReader(io.BytesIO(data[20:]), name="-", head=data[:20])
    assert b"".join(blocks(reader)) == PCM


def test_a_pipe_that_is_slow_gives_what_it_has() -> None:
    source, sink = os.pipe()
    with FileIO(source) as pipe:
        os.write(sink, riff(fmt(), chunk(b"data", b"", size=0xFFFFFFFF)) + PCM[:5])
        reader = WavReader(pipe, name="-")
        first = reader.read(1000)
        os.write(sink, PCM[5:])
        os.close(sink)
        assert first == PCM[:2]
        assert b"".join(blocks(reader)) == PCM[2:]


def test_another_kind_of_file_is_refused() -> None:
    assert refusal(b"ID3\x04\0\0\0\0" + bytes(100)) == (
        "question.wav is not a WAV file (it begins with 'ID3\\x04\\x00\\x00\\x00\\x00')"
    )
    assert "begins with 'RIFF$\\x00\\x00\\x00'" in refusal(b"RIFF$\0\0\0AVI LIST" + bytes(100))
    assert "begins with 'hi'" in refusal(b"hi")


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "question.wav is empty"


@pytest.mark.parametrize(
    "data",
    [
        riff(fmt(), chunk(b"data", b"")),
        riff(fmt(), chunk(b"data", b"\x01")),
        riff(fmt(), chunk(b"data", b""), chunk(b"LIST", b"abcd")),
        riff(fmt(), chunk(b"data", b"", size=0xFFFFFFFF), size=0xFFFFFFFF),
        riff(fmt(), chunk(b"LIST", b"abcd", size=2**31)),
        riff(fmt()),
        riff(),
    ],
)
def test_a_file_without_audio_is_refused(data: bytes) -> None:
    assert refusal(data) == "question.wav has no audio"


@pytest.mark.parametrize(
    ("format_", "said"),
    [
        (fmt(0x55, bits=16), "format tag 0x0055 (MP3), 16 bits"),
        (extensible(0x11, bits=8), "format tag 0x0011 (IMA ADPCM), 8 bits"),
        (fmt(0x1234, bits=16), "format tag 0x1234, 16 bits"),
        (fmt(1, bits=64), "format tag 0x0001, 64 bits"),
    ],
)
def test_an_unknown_codec_is_named(format_: bytes, said: str) -> None:
    assert said in refusal(riff(format_, chunk(b"data", PCM)))


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"data", PCM)],
        [fmt(channels=0), chunk(b"data", PCM)],
        [fmt(rate_hz=0), chunk(b"data", PCM)],
        [fmt(rate_hz=2**30), chunk(b"data", PCM)],
        [chunk(b"fmt ", bytes(8)), chunk(b"data", PCM)],
        [chunk(b"fmt ", b"", size=2**31)],
        [chunk(b"fmt ", bytes(10), size=16)],
    ],
)
def test_a_damaged_header_is_refused(chunks: list[bytes]) -> None:
    assert "is a damaged WAV file" in refusal(riff(*chunks))


@given(data=st.binary(max_size=200), at=st.integers(0, 60))
def test_damage_is_a_clear_error_or_audio_never_a_crash(data: bytes, at: int) -> None:
    whole = riff(fmt(channels=2, bits=24), chunk(b"data", bytes(240)))
    with suppress(BadInput):
        assert len(read(whole[:at] + data + whole[at + len(data) :])) % 2 == 0


@pytest.mark.skipif(not shutil.which("sox"), reason="sox is not installed")
@pytest.mark.parametrize(
    "form",
    [
        ["-b", "8", "-e", "unsigned-integer"],
        ["-b", "24", "-e", "signed-integer", "-c", "2"],
        ["-b", "32", "-e", "signed-integer"],
        ["-b", "32", "-e", "floating-point", "-c", "2"],
        ["-b", "64", "-e", "floating-point"],
        ["-e", "a-law"],
        ["-e", "mu-law", "-c", "2"],
    ],
)
def test_files_of_sox_are_read_as_sox_reads_them(form: list[str], tmp_path: Path) -> None:
    file, raw = tmp_path / "tone.wav", tmp_path / "tone.raw"
    make = ["sox", "-D", "-n", "-r", "8000", *form, str(file), "synth", "0.2", "sine", "440", "vol", "0.5"]
    subprocess.run(make, check=True)
    subprocess.run(["sox", "-D", file, "-b", "16", "-e", "signed", "-c", "1", raw], check=True)
    ours, theirs = np.frombuffer(read(file.read_bytes()), "<i2"), np.fromfile(raw, "<i2")
    assert len(ours) == len(theirs) == 1600
    assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert abs(ours.max() - 16384) < 600


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "answer.wav"
    writer = WavWriter(FileIO(path, "w"), rate_hz=24000)
    writer.write(PCM)
    writer.write(PCM)
    writer.close()
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24000)
        assert file.readframes(1000) == PCM * 2


def test_two_channels_are_written(tmp_path: Path) -> None:
    path = tmp_path / "both.wav"
    writer = WavWriter(FileIO(path, "w"), rate_hz=24000, channels=2)
    writer.write(PCM)
    writer.close()
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getnframes()) == (2, 4)


def test_the_file_is_valid_after_every_block(tmp_path: Path) -> None:
    path = tmp_path / "answer.wav"
    writer = WavWriter(FileIO(path, "w"), rate_hz=24000)
    for count in range(1, 4):
        writer.write(PCM)
        with wave.open(str(path)) as file:  # as a killed process would leave it
            assert file.getnframes() == count * len(PCM) // 2
    writer.close()


def test_a_pipe_gets_a_wav_that_goes_on_to_its_end() -> None:
    source, sink = os.pipe()
    writer = WavWriter(FileIO(sink, "w"), rate_hz=24000)
    writer.write(PCM)
    writer.write(PCM)
    writer.close()
    with FileIO(source) as pipe:
        assert read_all(pipe) == PCM * 2


def test_what_stands_in_the_file_before_stays(tmp_path: Path) -> None:
    path = tmp_path / "log.bin"
    path.write_bytes(b"before")
    for mode in ("a", "r+"):
        file = FileIO(path, mode)
        file.seek(0, os.SEEK_END)
        start = file.tell()
        writer = WavWriter(file, rate_hz=24000)
        writer.write(PCM)
        writer.close()
        assert path.read_bytes().startswith(b"before")
        assert read(path.read_bytes()[start:]) == PCM


def test_a_reader_that_takes_little_at_a_time_gets_all() -> None:
    source, sink = os.pipe()
    writer = WavWriter(FileIO(sink, "w"), rate_hz=24000)
    found: list[bytes] = []
    with FileIO(source) as pipe:
        reader = threading.Thread(target=lambda: found.append(read_all(pipe)))
        reader.start()
        writer.write(PCM * 50_000)
        writer.close()
        reader.join(20)
    assert found == [PCM * 50_000]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Windows are not set so")
def test_a_pipe_that_does_not_block_gets_all_as_well() -> None:
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    found: list[bytes] = []
    with FileIO(source) as pipe:
        reader = threading.Thread(target=lambda: found.append(read_all(pipe)))
        reader.start()
        writer = WavWriter(FileIO(sink, "w"), rate_hz=24000)
        writer.write(PCM * 50_000)
        writer.close()
        reader.join(20)
    assert found == [PCM * 50_000]
