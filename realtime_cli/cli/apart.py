"""Keeps programs that tools start away from the three streams of this one."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TextIO, cast

from .environment import Environment

_STDIN, _STDOUT, _STDERR = 0, 1, 2


@contextmanager
def kept_apart(env: Environment, *, is_silent: bool) -> Generator[Environment]:
    """The environment on descriptors of its own, as long as the block runs.

    What a tool starts inherits the usual ones: it reads nothing, and what it prints goes to stderr, or, if
    `is_silent`, nowhere. On Windows a console is no descriptor, and all stays as it is.
    """
    if sys.platform == "win32" or None in (sys.stdin, sys.stdout, sys.stderr):
        yield env
        return
    with ExitStack() as stack:
        own = replace(
            env,
            stdin=stack.enter_context(_again(env.stdin, "r")),
            stdout=stack.enter_context(_again(env.stdout, "w")),
            stderr=stack.enter_context(_again(env.stderr, "w")),
        )
        nowhere = os.open(os.devnull, os.O_RDWR)
        stack.callback(os.close, nowhere)
        words = nowhere if is_silent else own.stderr.fileno()
        stack.enter_context(_leading_to({_STDIN: nowhere, _STDOUT: words, _STDERR: words}))
        yield own


def _again(stream: TextIO, mode: str) -> TextIO:
    """The same stream on another descriptor."""
    stream.flush()
    again = open(  # noqa: PTH123, SIM115 - a descriptor, which the caller closes
        os.dup(stream.fileno()),
        mode,
        encoding=stream.encoding,
        errors=stream.errors,
        buffering=1 if mode == "w" and stream.isatty() else -1,
    )
    return cast("TextIO", again)


@contextmanager
def _leading_to(places: Mapping[int, int]) -> Generator[None]:
    """Makes descriptors lead elsewhere, and back."""
    before = {number: os.dup(number) for number in places}
    for number, place in places.items():
        os.dup2(place, number)
    try:
        yield
    finally:
        for number, kept in before.items():
            os.dup2(kept, number)
            os.close(kept)
