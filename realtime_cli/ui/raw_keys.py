"""The keys of the raw view, and what they do."""

RAW_KEYS = (
    ("↑ ↓, k j", "one row up, one down"),
    ("PgUp PgDn, Space", "a screen up, a screen down"),
    ("Home, g", "to the oldest event"),
    ("End, G", "to the newest one, and on with what comes"),
    ("Enter, →", "look at the event closely"),
    ("n, p", "there: the next event, the one before"),
    ("w", "there: break long lines, or not"),
    ("Esc, ←, q", "back"),
    ("/", "type a filter: Enter keeps, Ctrl-U empties it"),
    ("b", "the filter before"),
    ("r", "only what has the same id"),
    ("1 … 9", "there: only what has the id of that number"),
    ("f", "fold runs of events into one row, or not"),
    ("?", "these keys"),
    ("Ctrl-E, F4, Ctrl-C", "leave"),
)
_SIMPLE = str.maketrans({"↑": "Up", "↓": "Down", "→": "Right", "←": "Left", "…": "to"})


def simple_key(name: str) -> str:
    """The name of a key in ASCII."""
    return name.translate(_SIMPLE)
