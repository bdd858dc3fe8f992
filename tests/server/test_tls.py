"""TLS with a certificate of the server's own."""

from __future__ import annotations

import builtins
import ssl
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from realtime_cli.errors import BadInput, UsageError
from realtime_cli.server.config import TlsFiles
from realtime_cli.server.tls import self_signed, tls_context
from tests.support.serving import dialled, serving


async def test_a_client_that_trusts_the_certificate_is_served(tmp_path: Path) -> None:
    files = self_signed(tmp_path / "new" / "folder", host="127.0.0.1")
    trusting = ssl.create_default_context(cafile=str(files.certificate))
    async with serving(tls=files) as server, dialled(server, ssl=trusting) as client:
        assert server.url.startswith("wss://127.0.0.1:")
        assert await client.answer("hello") == "You said: hello"


async def test_a_client_that_does_not_trust_it_hurts_nobody(tmp_path: Path) -> None:
    files = self_signed(tmp_path, host="127.0.0.1")
    trusting = ssl.create_default_context(cafile=str(files.certificate))
    async with serving(tls=files) as server, dialled(server, ssl=trusting) as client:
        with pytest.raises(ssl.SSLCertVerificationError):
            async with dialled(server, ssl=ssl.create_default_context()):
                pass
        assert await client.answer("hello") == "You said: hello"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_the_key_is_private(tmp_path: Path) -> None:
    assert stat.S_IMODE(self_signed(tmp_path, host="localhost").key.stat().st_mode) == 0o600


def test_the_certificate_is_kept_as_long_as_it_serves(tmp_path: Path) -> None:
    first = self_signed(tmp_path, host="localhost").certificate.read_bytes()
    assert self_signed(tmp_path, host="::1").certificate.read_bytes() == first
    for host in ("box.local", "10.0.0.7"):
        other = self_signed(tmp_path, host=host).certificate.read_bytes()
        assert other != first
        first = other
    (tmp_path / "certificate.pem").write_text("no certificate")
    tls_context(self_signed(tmp_path, host="localhost"))


def test_every_address_needs_no_name_of_its_own(tmp_path: Path) -> None:
    tls_context(self_signed(tmp_path, host=""))


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bad_certificate_is_bad_input(tmp_path: Path, content: str | None) -> None:
    files = TlsFiles(tmp_path / "a.pem", tmp_path / "b.pem")
    if content:
        files.certificate.write_text(content)
        files.key.write_text(content)
    with pytest.raises(BadInput, match="cannot use the certificate"):
        tls_context(files)


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def without_cryptography(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("cryptography"):
            raise ModuleNotFoundError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_cryptography)
    monkeypatch.delitem(sys.modules, "realtime_cli.server.self_signed", raising=False)
    with pytest.raises(UsageError, match="extra 'tls'"):
        self_signed(tmp_path, host="localhost")
