from __future__ import annotations

import io
import time
from collections.abc import Callable
from itertools import chain

import pytest
from rich.console import Console

from realtime_cli.core.inputs import ConnectionOpened, SessionInput
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.protocol.codec import ServerEvent
from realtime_cli.ui.live.story import Story
from realtime_cli.ui.markdown import MOST_ROWS
from tests.support.builders import event, item_added, message, response_created, response_done, text_delta

# A picture ends what it has begun: a long line, or the first rows of a table.
MOST = 2 * MOST_ROWS
SMALL, LARGE = 5_000, 20_000
PIECES = {
    "words": "the quick brown fox jumps ",
    "lines": "the quick brown fox\n",
    "items": "- a\n",
    "quotes": "> a\n",
    "paragraphs": "a\n\n",
    "free lines": "\r\n",
    "fences": "```\n```\n",
    "half links": "[a](",
    "half addresses": "[a](http://b",
    "brackets": "[",
    "crossing marks": "*a _b ~~c ",
    "inner marks": "a*b",
    "backticks": "`a ``b ",
    "heads": "| a | b |\n",
    "tables": "| a | b |\n|-|-|\n| c | d |\n",
    "code": "```python\ndef f(x): return x\n```\n",
    "no spaces": "日本語",
}


def _of(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def _view(*events: ServerEvent, ends: bool = True) -> SessionView:
    session = Session()
    inputs: list[SessionInput] = [ConnectionOpened(), *events, *([response_done()] if ends else [])]
    for at_s, each in enumerate(inputs):
        session.receive(each, float(at_s))
    return session.view()


def _answer(text: str) -> list[ServerEvent]:
    return [response_created(), item_added(message("item_1", status="in_progress")), text_delta(text)]


def _spoken(text: str) -> list[ServerEvent]:
    place = {"item_id": "item_1", "response_id": "resp_1", "content_index": 0}
    added = item_added(message("item_1", status="in_progress"))
    return [
        response_created(),
        added,
        event("response.output_audio_transcript.delta", delta=text, **place),
        event("response.output_audio.delta", delta="AAAA", **place),
    ]


def _user(text: str) -> list[ServerEvent]:
    content = [{"type": "input_text", "text": text}]
    return [item_added(message("u1", role="user", status="completed", content=content))]


def _story(*, is_calm: bool = False) -> Story:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    return Story(Console(file=stream, color_system="standard", force_terminal=True), calm=is_calm)


def _pictures(view: SessionView, *, is_calm: bool = False) -> list[list[str]]:
    """The rows of each picture, until one has nothing more to print."""
    story, pictures, has_more = _story(is_calm=is_calm), list[list[str]](), True
    while has_more:
        rows = story.tell(view, width=80)
        pictures.append([row.plain for row in rows.above])
        has_more = rows.has_more
    pictures.append([row.plain for row in story.tell(view, width=80, is_last=True).above])
    return pictures


def _at_once(view: SessionView, *, is_calm: bool = False) -> list[str]:
    return [row.plain for row in _story(is_calm=is_calm).tell(view, width=80, is_last=True).above]


@pytest.mark.parametrize("ends", [True, False], ids=["ended", "growing"])
@pytest.mark.parametrize("name", PIECES)
def test_no_picture_prints_much_and_together_they_print_everything(name: str, *, ends: bool) -> None:
    view = _view(*_answer(_of(PIECES[name], LARGE)), ends=ends)
    pictures = _pictures(view)
    assert len(pictures) > 5 or name == "free lines"
    assert max(map(len, pictures)) <= MOST
    assert list(chain.from_iterable(pictures)) == _at_once(view)


@pytest.mark.parametrize("is_calm", [True, False], ids=["calm", "live"])
@pytest.mark.parametrize("says", [_answer, _spoken, _user])
def test_whoever_says_it(says: Callable[[str], list[ServerEvent]], *, is_calm: bool) -> None:
    view = _view(*says(_of("so many words, and\nmore of them ", LARGE)))
    pictures = _pictures(view, is_calm=is_calm)
    assert len(pictures) > 5
    assert max(map(len, pictures)) <= MOST
    assert list(chain.from_iterable(pictures)) == _at_once(view, is_calm=is_calm)


def test_many_turns_at_once_come_in_their_order() -> None:
    turns = [item_added(message(f"i{n}", f"turn {n}", status="completed")) for n in range(1000)]
    view = _view(*turns, ends=False)
    pictures = _pictures(view)
    assert max(map(len, pictures)) <= MOST
    assert [row for row in chain.from_iterable(pictures) if row] == [f"● turn {n}" for n in range(1000)]


@pytest.mark.parametrize("name", PIECES)
def test_work_grows_no_faster_than_the_text(name: str) -> None:
    def work_s(size: int) -> float:
        view = _view(*_answer(_of(PIECES[name], size)), ends=False)
        began = time.process_time()
        _pictures(view)
        return time.process_time() - began

    small = min(work_s(SMALL) for _ in range(3))
    # 4 times the text; what is quadratic takes 16 times as long.
    assert any(work_s(LARGE) < 10 * small + 0.02 for _ in range(5))
