"""What an MCP tool gives back, as text for the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import to_json

if TYPE_CHECKING:
    import mcp_types


def text_of(result: mcp_types.CallToolResult) -> str:
    """Its texts; a line for what is no text; the structured result where there is nothing else."""
    if result.content or result.structured_content is None:
        return "\n".join(map(_block, result.content))
    return to_json(result.structured_content).decode()


def _block(block: mcp_types.ContentBlock) -> str:
    match block.type:
        case "text":
            return block.text
        case "image" | "audio":
            return f"[{block.type} {block.mime_type}, {len(block.data) * 3 // 4:,} bytes]"
        case "resource_link":
            return f"[{block.name}: {block.uri}]"
        case "resource":
            text = getattr(block.resource, "text", None)
            return text if isinstance(text, str) else f"[{block.resource.uri}]"
