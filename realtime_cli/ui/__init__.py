"""Shows a session: to people as text, to programs as JSON. All of it comes from views and raw frames."""
