from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from realtime_cli.providers import Endpoint, endpoint_for
from realtime_cli.settings import load_settings


@pytest.fixture
def connect(tmp_path: Path) -> Callable[..., Endpoint]:
    """The endpoint for settings that are loaded from real files."""

    def connect(
        flags: dict[str, object] | None = None,
        environ: dict[str, str] | None = None,
        *,
        dotenv: str = "",
        config: str = "",
    ) -> Endpoint:
        (tmp_path / ".env").write_text(dotenv, encoding="utf-8")
        (tmp_path / "config.toml").write_text(config, encoding="utf-8")
        settings = load_settings(
            flags or {}, environ=environ or {}, cwd=tmp_path, config_path=tmp_path / "config.toml"
        )
        return endpoint_for(settings)

    return connect
