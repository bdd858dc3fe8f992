from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from realtime_cli.errors import BadInput, UsageError
from realtime_cli.server.brains import make_brain
from realtime_cli.server.brains.chat import ChatBrain
from realtime_cli.server.brains.rules import RulesBrain
from realtime_cli.server.brains.script import ScriptBrain


def test_rules_need_nothing() -> None:
    factory = make_brain("rules", script=None, url=None, model=None, api_key=None)
    assert isinstance(factory(), RulesBrain)


def test_script_is_read_once_and_each_connection_gets_its_own_brain(tmp_path: Path) -> None:
    file = tmp_path / "demo.yaml"
    file.write_text("turns: [{when: hello, say: Hi}]")
    factory = make_brain("script", script=file, url=None, model=None, api_key=None)
    file.unlink()
    first, second = factory(), factory()
    assert isinstance(first, ScriptBrain)
    assert first is not second


async def test_chat_takes_a_url() -> None:
    factory = make_brain("chat", script=None, url="http://localhost:11434", model=None, api_key=None)
    brain = factory()
    assert isinstance(brain, ChatBrain)
    await brain.close()


@pytest.mark.parametrize(
    ("name", "url", "message", "hint"),
    [
        ("rule", None, 'no brain is called "rule"', "rules, script, chat"),
        ("script", None, "has no script", "YAML or JSON"),
        ("chat", None, "has no URL", "--brain-url"),
        ("chat", "localhost:11434", "needs http://", "Did you mean http://localhost:11434?"),
    ],
)
def test_what_is_missing_is_named_at_once(name: str, url: str | None, message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as refusal:
        make_brain(name, script=None, url=url, model=None, api_key=None)
    assert hint in refusal.value.hint


def test_bad_script_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        make_brain("script", script=tmp_path / "gone.yaml", url=None, model=None, api_key=None)


def test_what_is_not_chosen_is_not_loaded() -> None:
    code = (
        "import sys; from realtime_cli.server.brains import make_brain;"
        "make_brain('rules', script=None, url=None, model=None, api_key=None);"
        "sys.exit(bool({'yaml', 'httpx2', 'asyncio'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
