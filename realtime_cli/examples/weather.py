"""A tool: `realtime chat --tools realtime_cli.examples.weather`."""

from typing import Literal


def get_weather(city: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> dict[str, object]:
    """Tells how warm it is in a city."""
    celsius = 10 + len(city)  # ask a weather service here
    degrees = celsius if unit == "celsius" else celsius * 9 / 5 + 32
    return {"city": city, "degrees": degrees, "unit": unit}
