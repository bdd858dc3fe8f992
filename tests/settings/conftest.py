from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from realtime_cli.settings import Settings, load_settings


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Settings]:
    """Loads settings from real files in a folder of their own."""

    def load(
        flags: dict[str, object] | None = None,
        environ: dict[str, str] | None = None,
        *,
        dotenv: str | None = None,
        config: str | None = None,
    ) -> Settings:
        folder = tmp_path / "work"
        folder.mkdir(exist_ok=True)
        config_path = tmp_path / "config.toml"
        if dotenv is not None:
            (folder / ".env").write_text(dotenv, encoding="utf-8")
        if config is not None:
            config_path.write_text(config, encoding="utf-8")
        return load_settings(flags or {}, environ=environ or {}, cwd=folder, config_path=config_path)

    return load
