"""How long a test waits for what must come: only a broken program makes anybody wait so long."""

PATIENCE_S = 60.0
