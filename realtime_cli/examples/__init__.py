"""One tool, three ways: a Python function, an MCP server, a command."""
