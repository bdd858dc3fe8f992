"""Says in words why there is no connection, and what to do about it."""

from __future__ import annotations

import errno
import re
import socket
import ssl

from websockets.exceptions import InvalidProxy, InvalidProxyStatus, ProxyError

from realtime_cli.errors import ConnectFailed
from realtime_cli.transport._answers import explain_answer, silence
from realtime_cli.transport._attempt import Attempt
from realtime_cli.visible import one_line

# 1225 and 10061 are Windows' numbers for it.
_REFUSED = frozenset({errno.ECONNREFUSED, 1225, 10061})
_HUNG_UP = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)
_CHECK_NETWORK = "check the address and the network, then try again"
_CHECK_PROXY = "check HTTPS_PROXY and its like, or name this host in NO_PROXY"
_START_SERVER = "start the server (`realtime serve` is one), or check host and port"


def explain(error: Exception, attempt: Attempt) -> ConnectFailed:
    """The failure in our words; its text holds no secrets and no control characters."""
    match error:
        case OSError():
            return _network_failure(error, attempt)
        case InvalidProxy() | ProxyError() | ImportError():
            return _proxy_failure(error, attempt)
        case ValueError() if attempt.proxy:
            # Its address may be a user name and a password that lack their host, so it is not shown.
            return ConnectFailed("the proxy's address has no number for its port", hint=_CHECK_PROXY)
        case ValueError():
            message = f"cannot connect to {attempt.address.shown}: its host is not a name that DNS knows"
            return ConnectFailed(message, hint="check the address")
        case _:
            return explain_answer(error, attempt)


def _proxy_failure(error: Exception, attempt: Attempt) -> ConnectFailed:
    match error:
        case InvalidProxyStatus(response=answer):
            seen = f"HTTP {answer.status_code} {attempt.quote(answer.reason_phrase)}".rstrip()
            message = f"{attempt.peer} does not let us through to {attempt.address.origin} ({seen})"
        case InvalidProxy():
            message = f"{attempt.peer} cannot be used: {attempt.quote(error.msg)}"
        case ImportError():
            message = f"{attempt.peer} needs the Python package python-socks, which is not installed"
        case _:
            message = f"{attempt.peer} does not answer as a proxy does"
    return ConnectFailed(message, hint=_CHECK_PROXY)


def _network_failure(error: OSError, attempt: Attempt) -> ConnectFailed:
    if isinstance(error, ssl.SSLError):
        return _tls_failure(error, attempt)
    if isinstance(error, _HUNG_UP) and not attempt.proxy:
        return silence(attempt)
    hint = _CHECK_PROXY if attempt.proxy else _CHECK_NETWORK
    if _is_refusal(error):
        message = f"nobody listens at {attempt.peer} (connection refused)"
        hint = _CHECK_PROXY if attempt.proxy else _START_SERVER
    elif isinstance(error, TimeoutError):
        way = f" through {attempt.peer}" if attempt.proxy else ""
        message = f"no answer from {attempt.address.origin}{way} within {attempt.timeout_s:g} s"
    elif isinstance(error, socket.gaierror):
        message = f"{attempt.peer} cannot be found ({_system_words(error)})"
    else:
        message = f"cannot connect to {attempt.peer} ({_system_words(error)})"
    return ConnectFailed(message, hint=hint)


def _tls_failure(error: ssl.SSLError, attempt: Attempt) -> ConnectFailed:
    origin = attempt.address.origin
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = attempt.quote(error.verify_message)
        hint = "if this is your own server, pass --insecure; for a company's own authority set SSL_CERT_FILE"
        return ConnectFailed(f"the certificate of {origin} is not trusted: {reason}", hint=hint)
    reason = (error.reason or "the handshake failed").replace("_", " ").lower()
    hint = "if the server has no TLS, write ws://"
    return ConnectFailed(f"{origin} does not speak TLS ({reason})", hint=hint)


def _is_refusal(error: OSError) -> bool:
    if isinstance(error, ConnectionRefusedError):
        return True
    # asyncio packs the errors of several addresses (localhost: ::1, 127.0.0.1) into one text without errno.
    codes = {int(code) for code in re.findall(r"\[(?:Errno|WinError) (\d+)\]", str(error))}
    return bool(codes) and codes <= _REFUSED


def _system_words(error: OSError) -> str:
    return one_line(error.strerror or str(error) or type(error).__name__)
