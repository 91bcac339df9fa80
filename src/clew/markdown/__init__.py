"""Questions about Markdown, a module for each: request, result, function."""
