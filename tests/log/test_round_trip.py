"""Whatever is written comes back, byte for byte, with its time and its direction."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.log import Direction, LogEntry, LogHeader, LogWriter, open_log
from realtime_cli.redaction import Redactor

HEADER = LogHeader(program="p", url="wss://h", provider="p", dialect="ga", started="s", extra={"note": "é"})

Frame = tuple[str | bytes, bool]

texts = st.text() | st.text(st.characters(categories=["Cs", "Cc", "Zl", "Zp", "Lo"]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
blanks = st.text(" \t\r\n", max_size=4)


def as_utf16_reads_it(text: str) -> str:
    """Two surrogates that stand together are one character for everybody but a Python string."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


@st.composite
def object_frames(draw: st.DrawFn) -> Frame:
    members = draw(
        st.dictionaries(texts | st.sampled_from(["type", "event", "text"]), json_values, max_size=4)
    )
    text = json.dumps(members, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 0, 2])))
    return as_utf16_reads_it(draw(blanks) + text + draw(blanks)), True


def is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


frames = object_frames() | st.tuples(
    st.binary() | texts.map(as_utf16_reads_it).filter(lambda text: not is_object(text)), st.just(value=False)
)
directions = st.sampled_from(["in", "out", "local"])
times = st.floats(min_value=0, max_value=1e6).map(lambda t_s: round(t_s, 6))


@settings(deadline=None)
@given(st.lists(st.tuples(times, directions, frames)))
def test_any_mixture_of_frames_comes_back(mixture: list[tuple[float, Direction, Frame]]) -> None:
    mixture.sort(key=lambda row: row[0])
    failures: list[str] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        with LogWriter(path, HEADER, redactor=Redactor(), on_failure=failures.append) as log:
            for t_s, direction, (raw, is_json_object) in mixture:
                log.write(t_s, direction, raw, is_object=is_json_object)
        recording = open_log(path)
        entries = list(recording.entries())
        assert all(json.loads(line) for line in path.read_bytes().splitlines())
    assert failures == []
    assert recording.damage is None
    assert recording.header == HEADER
    assert entries == [
        LogEntry(seq, t_s, direction, raw) for seq, (t_s, direction, (raw, _)) in enumerate(mixture, start=1)
    ]
