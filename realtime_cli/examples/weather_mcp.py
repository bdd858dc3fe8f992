"""The same as an MCP server: `realtime chat --tools "mcp:python -m realtime_cli.examples.weather_mcp"`.

Over HTTP: `python -m realtime_cli.examples.weather_mcp 8000`, then `--tools mcp:http://127.0.0.1:8000/mcp`.
"""

import sys

from mcp.server import MCPServer

from realtime_cli.examples.weather import get_weather

server = MCPServer("weather")
server.tool()(get_weather)

if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", port=int(sys.argv[1]))
    else:
        server.run()
