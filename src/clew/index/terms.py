"""The words of a search, as they are typed."""

from __future__ import annotations


def split_terms(argument: str) -> list[str]:
    """Split on blanks; quotes inside make a phrase; an unclosed quote is a letter like any other."""
    terms: list[str] = []
    current = ""
    quote = ""
    for at, letter in enumerate(argument):
        if quote:
            if letter == quote:
                quote = ""
            else:
                current += letter
        elif letter in "\"'" and not current and letter in argument[at + 1 :]:
            quote = letter
        elif letter.isspace():
            if current:
                terms.append(current)
            current = ""
        else:
            current += letter
    return [*terms, current] if current else terms
