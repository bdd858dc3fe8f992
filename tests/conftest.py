"""What holds for every test: examples are the same in every run, and none is too slow.

`pytest --hypothesis-profile=explore` looks for new ones.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

_ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("same", _ANY_MACHINE, derandomize=True)
settings.register_profile("explore", _ANY_MACHINE, derandomize=False)
settings.load_profile("same")
