from __future__ import annotations

from io import BytesIO, TextIOWrapper

from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.cli.lines import read_lines


class _Pipe(BytesIO):
    """Gives what was written to it, in the pieces in which it was."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__()
        self.pieces = pieces
        self.reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        return self.pieces[self.reads - 1] if self.reads <= len(self.pieces) else b""


async def _lines(*pieces: bytes) -> list[str]:
    return [line async for line in read_lines(TextIOWrapper(_Pipe(list(pieces))))]


@given(st.text(st.sampled_from("aä€😀 \t\r\n")), st.integers(1, 5))
async def test_pieces_make_the_same_lines_as_the_whole(text: str, size: int) -> None:
    data = text.encode()
    whole = [line.removesuffix("\r") for line in text.split("\n")]
    if not text.endswith("\n") and text:
        assert await _lines(*(data[at : at + size] for at in range(0, len(data), size))) == whole
    else:
        assert await _lines(*(data[at : at + size] for at in range(0, len(data), size))) == whole[:-1]


async def test_bytes_that_are_no_utf8_are_replaced() -> None:
    assert await _lines(b"a\xff\n", b"\xe2\x82") == ["a�", "�"]


async def test_an_input_without_end_is_read_only_a_little_ahead() -> None:
    """`yes | realtime chat` must not fill the memory."""
    pipe, taken, ahead = _Pipe([b"y\n"] * 5000), 0, 0
    async for _ in read_lines(TextIOWrapper(pipe)):
        taken += 1
        ahead = max(ahead, pipe.reads - taken)
    assert taken == 5000
    assert ahead < 100


class _Gone(BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(5, "Input/output error")


async def test_a_terminal_that_has_gone_is_the_end() -> None:
    assert [line async for line in read_lines(TextIOWrapper(_Gone()))] == []
