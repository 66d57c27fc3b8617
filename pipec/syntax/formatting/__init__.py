"""One layout for all files: `format_text` lays a file out anew and changes nothing of what it says."""

from pipec.syntax.formatting.formatter import Formatted, format_text

__all__ = ["Formatted", "format_text"]
