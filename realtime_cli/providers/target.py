"""Works out the address: from a URL that somebody typed, or from a provider's row in the table."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import SplitResult, quote, urlsplit

from realtime_cli.errors import UsageError
from realtime_cli.providers.port import ConnectionSettings, place_of
from realtime_cli.providers.table import PROVIDERS, Provider
from realtime_cli.providers.urls import join_paths, parse_url, shown, with_model


class Target(NamedTuple):
    """An address, whose it is, where it was given, and the words for all that."""

    address: SplitResult
    provider: Provider | None
    origin: str
    reason: str
    is_base: bool = False

    @property
    def host(self) -> str:
        return self.address.hostname or ""

    @property
    def is_owned(self) -> bool:
        return self.provider is not None and self.provider.owns(self.host)


def url_target(settings: ConnectionSettings, url: str, chosen: Provider | None) -> Target:
    """The address that the user gave, spoken to as the chosen provider or as the one that owns the host."""
    place = place_of(settings, "url")
    if chosen is not None and chosen.name == "local":
        message = f"{place} gives an address, but the provider local is the server inside this program"
        raise UsageError(message, hint="drop one of the two")
    address = parse_url(url, place=place)
    provider = chosen or _owner(address)
    address = _completed(address, provider, model=settings.model)
    title = f", as {provider.title}" if provider else ""
    return Target(address, provider, settings.origin("url"), f"{shown(address)} ({place}){title}")


def _owner(address: SplitResult) -> Provider | None:
    owners = [each for each in PROVIDERS.values() if each.owns(address.hostname or "")]
    same_path = [each for each in owners if urlsplit(each.url).path == address.path]
    return next(iter(same_path or owners), None)


def _completed(address: SplitResult, provider: Provider | None, *, model: str | None) -> SplitResult:
    """The address with what was left out: the path, and the model where it is known."""
    if provider is None or not provider.owns(address.hostname or ""):
        return with_model(address._replace(path=address.path or "/v1/realtime"), model)
    own_path = urlsplit(provider.url).path
    if address.path in ("", own_path) and not address.query:
        model = model or provider.default_model
    return with_model(address._replace(path=address.path or own_path), model)


def provider_target(settings: ConnectionSettings, provider: Provider, *, why: str) -> Target:
    """The provider's own address, or the one that its variable names; `why` goes into the reason."""
    template = urlsplit(_with_own_model(settings, provider))
    base = settings.env.get(provider.base_env, "").strip()
    if base:
        given = parse_url(base, place=provider.base_env)
        address = given._replace(path=join_paths(given.path, template.path), query=template.query)
        reason = f"{provider.title} at {shown(address)} ({provider.base_env})"
        return Target(address, provider, settings.origin(provider.base_env), reason, is_base=True)
    if "{" in template.geturl():
        first = f"set {provider.base_env}, or " if provider.base_env else ""
        raise UsageError(f"{provider.title} needs an address", hint=f"{first}pass --url {template.geturl()}")
    return Target(template, provider, settings.origin("provider"), f"{provider.title} ({why})")


def _with_own_model(settings: ConnectionSettings, provider: Provider) -> str:
    model = settings.model or provider.default_model
    if model is None and "{model}" in provider.url:
        hint = "pass --model with " + ("your deployment's name" if provider.auth == "api-key" else "its name")
        raise UsageError(f"{provider.title} needs a model", hint=hint)
    return provider.url.replace("{model}", quote(model or "", safe=""))
