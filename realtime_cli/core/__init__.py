"""What the events mean: a session's state, as a pure function of what came in and when."""
