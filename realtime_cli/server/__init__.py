"""The embedded Realtime server: a WebSocket shell round the pure responder, and the brains that answer."""
