"""What travels on the wire: every event of the Realtime API, typed; pure, and never strict with a server."""
