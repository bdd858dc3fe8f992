"""TLS, for clients that dial nothing but `wss://`."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from realtime_cli.errors import BadInput, UsageError

from .config import TlsFiles


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """The server's side of TLS. Raises `BadInput` where the files are no certificate and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(files.certificate, files.key)
    except OSError as error:
        raise BadInput(
            f"cannot use the certificate {files.certificate} with the key {files.key}: {error}",
            hint="both are PEM files; the key belongs to the certificate and has no passphrase",
        ) from None
    return context


def self_signed(folder: Path, *, host: str) -> TlsFiles:
    """A certificate for this machine and the host, kept in the folder, so that clients trust its file once.

    Raises `UsageError` where the extra `tls` is not installed.
    """
    try:
        from .self_signed import make_certificate, still_serves  # noqa: PLC0415 - needs an extra
    except ImportError:
        raise UsageError(
            "a self-signed certificate needs the extra 'tls'",
            hint="in a copy of the repository: pip install '.[tls]'; or give a certificate and a key",
        ) from None
    files = TlsFiles(folder / "certificate.pem", folder / "key.pem")
    kept = files.key.exists() and files.certificate.exists()
    if kept and still_serves(files.certificate.read_bytes(), host):
        return files
    certificate, key = make_certificate(host)
    folder.mkdir(parents=True, exist_ok=True)
    files.certificate.write_bytes(certificate)
    _write_private(files.key, key)
    return files


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
