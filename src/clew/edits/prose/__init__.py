"""Edits of Markdown: sections, headings, links, tables of contents."""
