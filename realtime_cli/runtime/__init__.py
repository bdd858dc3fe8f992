"""The one async engine: an inbox, a loop that awaits only the inbox, and ports to the world."""
