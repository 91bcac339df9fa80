"""The questions about code, one verb a module."""
