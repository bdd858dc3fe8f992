"""Echo cancelling that does not work, in both engines: the answer must not be heard as speech."""

from __future__ import annotations

import asyncio
import sys
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from realtime_cli.audio import portaudio
from realtime_cli.audio.child import ChildEngine
from realtime_cli.audio.config import AudioConfig
from realtime_cli.audio.local import LocalEngine
from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import AudioNotice, MicrophoneBlock, PlaybackProgress
from realtime_cli.protocol.encoding import PCM_24K
from realtime_cli.runtime.ports import Inbound
from tests.support.patience import PATIENCE_S
from tests.support.rig import Rig, rig

__all__ = ["rig"]
if sys.platform != "linux":
    pytest.skip("the rig is PulseAudio's", allow_module_level=True)
_SOUND = array("h", [8000, -8000] * 12_000).tobytes()


def _break_livekit(folder: Path, error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For this process and those that it starts."""
    (folder / "livekit").mkdir()
    (folder / "livekit" / "__init__.py").touch()
    (folder / "livekit" / "rtc.py").write_text(f"raise {error}('no such luck')")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "livekit"]:
        monkeypatch.delitem(sys.modules, name)


@asynccontextmanager
async def _running(engine: ChildEngine | LocalEngine) -> AsyncIterator[list[Inbound]]:
    portaudio.refresh()
    await engine.open()
    posted: list[Inbound] = []
    running = asyncio.create_task(engine.run(posted.append))
    try:
        yield posted
    finally:
        engine.close()
        await asyncio.wait_for(running, PATIENCE_S)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


def _captured(posted: list[Inbound]) -> bytes:
    return b"".join(block.audio for block in posted if isinstance(block, MicrophoneBlock))


def _told(posted: list[Inbound]) -> list[AudioNotice]:
    return [each for each in posted if isinstance(each, AudioNotice) and "echo" in each.text]


@pytest.mark.parametrize("error", ["ImportError", "RuntimeError"])
@pytest.mark.parametrize("kind", [ChildEngine, LocalEngine])
async def test_where_it_cannot_be_loaded_the_microphone_is_silent_while_the_answer_plays(
    rig: Rig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[ChildEngine | LocalEngine],
    error: str,
) -> None:
    _break_livekit(tmp_path, error, monkeypatch)
    rig.loopback()
    engine = kind(AudioConfig(echo="aec"))
    async with _running(engine) as posted:
        engine.listen(PCM_24K)
        await _until(lambda: bool(_told(posted)))
        await _until(lambda: len(_captured(posted)) > 24_000)
        engine.play(PlayAudio("item_1", 0, _SOUND, PCM_24K))
        engine.finish(FinishAudio("item_1", 0))
        await _until(
            lambda: any(each.heard_ms == 1000 for each in posted if isinstance(each, PlaybackProgress))
        )
        heard_bytes = len(_captured(posted))
        await _until(lambda: len(_captured(posted)) > heard_bytes + 48_000)
        assert not any(_captured(posted))
        rig.speak(_SOUND)
        await _until(lambda: any(_captured(posted)))
    (notice,) = _told(posted)
    assert (notice.level, notice.text) == ("error", "echo cancelling does not work: no such luck")
    assert notice.hint.startswith("the microphone is silent while the answer plays")
