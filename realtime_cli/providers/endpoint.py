"""Decides which server to talk to, as what, and with which key; says in one line which and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from realtime_cli.errors import UsageError
from realtime_cli.providers.keys import KeySource, key_sources
from realtime_cli.providers.port import ConnectionSettings, place_of
from realtime_cli.providers.secrecy import extra_headers, looks_secret, may_travel
from realtime_cli.providers.table import PROVIDERS, Dialect, Provider, find_provider
from realtime_cli.providers.target import Target, provider_target, url_target
from realtime_cli.providers.urls import is_loopback, model_of, query_secrets, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where to connect and what to send there; `repr` and `shown_url` hold no secrets.

    `pcm_input_rate_hz` is what the server takes `audio/pcm` to be, where that is known.
    The embedded server has no `url` before it runs. `provider` is `custom` for a URL that no provider owns.
    """

    url: str = field(default="", repr=False)
    shown_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    provider: str
    model: str | None
    dialect: Dialect
    reason: str
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    is_embedded: bool = False
    pcm_input_rate_hz: int | None = None


def endpoint_for(settings: ConnectionSettings) -> Endpoint:
    """The server that is asked for: by URL, by provider, else OpenAI where there is a key, else embedded.

    Runs the key command where a key is needed. Raises `UsageError` for an address, a provider or a key that
    cannot be used; its text never holds a key.
    """
    provider = find_provider(settings.provider) if settings.provider else None
    if settings.url is not None:
        return _connect(settings, url_target(settings, settings.url, provider))
    if provider is None:
        return _default(settings)
    if provider.name == "local":
        return _embedded(settings, place_of(settings, "provider"))
    return _connect(settings, provider_target(settings, provider, why=place_of(settings, "provider")))


def _default(settings: ConnectionSettings) -> Endpoint:
    openai = PROVIDERS["openai"]
    sources = key_sources(settings, openai)
    if not sources:
        return _embedded(settings, "no OPENAI_API_KEY, no --url")
    return _connect(settings, provider_target(settings, openai, why=f"{sources[0].name} is set"))


def _embedded(settings: ConnectionSettings, why: str) -> Endpoint:
    local = PROVIDERS["local"]
    return Endpoint(
        provider=local.name,
        model=settings.model,
        dialect=_dialect(settings, local),
        reason=f"{local.title} ({why})",
        is_embedded=True,
    )


def _connect(settings: ConnectionSettings, target: Target) -> Endpoint:
    headers = extra_headers(settings, address_origin=target.origin)
    header = "api-key" if target.provider and target.provider.auth == "api-key" else "Authorization"
    given = {name.lower() for name in headers}
    source = None if header.lower() in given else _key_source(settings, target)
    in_query = query_secrets(target.address)
    if source or in_query or any(map(looks_secret, given)):
        _require_safe_way(settings, target)
    else:
        _require_no_key(settings, target)
    key = source.read() if source else ""
    if source:
        headers[header] = key if header == "api-key" else f"Bearer {key}"
    secrets = {key, *in_query, *(value for name, value in headers.items() if looks_secret(name))}
    return Endpoint(
        url=target.address.geturl(),
        shown_url=shown(target.address),
        headers=headers,
        provider=target.provider.name if target.provider else "custom",
        model=model_of(target.address) or settings.model,
        dialect=_dialect(settings, target.provider),
        reason=_reason(target, source),
        secrets=frozenset(secrets - {""}),
        pcm_input_rate_hz=target.provider.input_rate_hz if target.provider else None,
    )


def _key_source(settings: ConnectionSettings, target: Target) -> KeySource | None:
    """The best key that this server may be told; one that was meant for another server comes last."""
    allowed = [source for source in key_sources(settings, target.provider) if _is_allowed(source, target)]
    fitting = [source for source in allowed if may_travel(source.origin, to=target.origin)]
    return next(iter(fitting or allowed), None)


def _is_allowed(source: KeySource, target: Target) -> bool:
    if target.is_owned:
        return not source.is_explicit or target.origin != ".env" or may_travel(source.origin, to=".env")
    # A provider's variable goes to a foreign host only together with the variable that names the host.
    return (source.is_explicit or target.is_base) and may_travel(source.origin, to=target.origin)


def _require_safe_way(settings: ConnectionSettings, target: Target) -> None:
    if target.address.scheme == "wss" or is_loopback(target.host) or settings.insecure:
        return
    message = f"a key would go to {target.host} without encryption (ws://)"
    raise UsageError(message, hint="use wss://, or pass --insecure if you trust the network in between")


def _require_no_key(settings: ConnectionSettings, target: Target) -> None:
    provider = target.provider
    if provider is None or not provider.key_env or is_loopback(target.host):
        return
    names = " or ".join(provider.key_env)
    for name in provider.key_env:
        if settings.env.get(name, "").strip():
            message = f"{name} is not sent to {target.host}, which is not known to be {provider.title}"
            raise UsageError(message, hint=f"pass --key-env {name} to send it there all the same")
    hint = f"set {names} in the environment or in .env, or pass --key-env NAME or --key-command CMD"
    raise UsageError(f"{provider.title} needs a key, and {names} is not set", hint=hint)


def _reason(target: Target, source: KeySource | None) -> str:
    if source is None or source.name in target.reason:
        return target.reason
    return f"{target.reason}, key from {source.name}"


def _dialect(settings: ConnectionSettings, provider: Provider | None) -> Dialect:
    if settings.dialect != "auto" or provider is None:
        return settings.dialect
    return provider.dialect
