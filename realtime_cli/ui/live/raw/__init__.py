"""The raw view: every event of the session, filtered, folded, and looked at closely."""

from .ring import EventRing
from .view import RawView

__all__ = ["EventRing", "RawView"]
