"""The same as a command: `realtime chat --tools "cmd:python weather_command.py"`, run in this folder.

Arguments come as JSON on stdin, the answer goes to stdout; `weather_command.yaml` describes it to the model.
"""

import json
import sys

arguments = json.load(sys.stdin)
celsius = 10 + len(arguments["city"])  # ask a weather service here
unit = arguments.get("unit", "celsius")
degrees = celsius if unit == "celsius" else celsius * 9 / 5 + 32
json.dump({"city": arguments["city"], "degrees": degrees, "unit": unit}, sys.stdout)
