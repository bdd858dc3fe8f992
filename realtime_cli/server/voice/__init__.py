"""What hears and speaks in the embedded server. Each engine is loaded when it is first used."""
