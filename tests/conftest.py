"""What holds for every test, wherever it is run.

Examples are the same in every run, and none is too slow; `--hypothesis-profile=explore` looks for new ones.
Programs obey Ctrl-C, which a shell withholds from what it runs in the background.
"""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

_ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("same", _ANY_MACHINE, derandomize=True)
settings.register_profile("explore", _ANY_MACHINE, derandomize=False)
settings.load_profile("same")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
