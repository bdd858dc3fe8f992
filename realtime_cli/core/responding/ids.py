"""Ids that a server gives out."""

from __future__ import annotations

from collections import Counter
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["sess", "conv", "item", "resp", "event", "call"]


class Ids:
    """Ids from counters: the same in every run with one seed, and unique among seeds."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._given: Counter[Kind] = Counter()

    def next(self, kind: Kind) -> str:
        """A new id, such as `item_seed0007`."""
        self._given[kind] += 1
        return f"{kind}_{self._seed}{self._given[kind]:04d}"
