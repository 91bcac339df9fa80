"""A site whose pages link to each other in every form that there is, with a word in place of each part that an edit can change."""

from string import Template

WORDS = {
    "guide": "manual/guide.md",
    "angled": "manual/guide.md",
    "beside": "./guide.md",
    "itself": "guide.md",
    "route": "manual/guide",
    "folder": "manual",
    "shot": "manual/img/shot%20one.png",
    "blank": "manual/img/shot one.png",
    "other": "manual/other.md",
    "escaped": "manual/guide\\.md\\#set-up",
    "title": "Set up",
    "first": "set-up",
    "encoded": "set%2Dup",
    "second": "set-up-1",
    "greeting": "Grüße 😀 שלום",
    "greeted": "grüße--שלום",
    "quoted": "gr%C3%BC%C3%9Fe--%D7%A9%D7%9C%D7%95%D7%9D",
}

GUIDE = """\
---
title: Guide
see: guide.md#set-up
---

# Guide

[same file](#$first) [second](#$second) [near](#set-up-more) [itself]($itself#$first)

## $title

One.

## Set up

Two.

## Set up more

Three.

$greeting
-------------

Four. [rtl](#$greeted)

## Named {#fixed}

<a name="old"></a>
"""

PAGE = """\
# Page

[inline]($guide#$first) [titled]($guide#$first "Set up (1)") [angle](<$angled#$first>) [dot](./$guide#$first)
[over
two lines]($guide#$first
'title') [escaped]($escaped) [encoded]($guide#$encoded) [rooted](/$guide#$first)
[full][label] [label][] [label] [bare *text*][Label] ![shot]($shot) [![shot](<$blank>)]($guide#$first)
<a href="$guide#$first">html</a> <img src='$shot'> <a
 href=$guide#$first>unquoted</a>
[folder]($folder/) [folder]($folder) [line]($guide#L10) [code](src/a.js#L1) [route]($route) [query]($guide?plain=1#$first)
<https://host.example/manual/guide.md#set-up>

| table | cell |
| --- | --- |
| [cell]($guide#$first) | [second]($guide#$second) |

> [quoted]($guide#$first)

- [listed]($guide#$first)[^1]

[^1]: [noted]($guide#$first)

[label]: $guide#$first "Title"
[label]: manual/guide.md#set-up "never read"

```sh
open manual/guide.md#set-up
```

[near]($guide#set-up-more) [named]($guide#fixed) [old]($guide#old) [other]($other#set-up)
[greeting]($guide#$quoted) [greeting]($guide#$greeted)
"""

OTHER = "\ufeff# Other\r\n\r\n## Set up\r\n\r\n[up]($beside#$first)\t[page](../page.md#page) ![](img/shot%20one.png) [own](#set-up)"
COMPONENT = '# Component\n\n[here]($guide#$first)\n\n<Card href="$guide#$first" see="manual/guide.md#set-up" />\n'
CODE = "// see manual/guide.md#set-up\nexport const help = 'manual/guide.md#set-up';\nexport const near = 'manual/guide.md#set-up-more';\n"
CONFIGURATION = '{"start": "manual/guide.md#set-up", "other": "manual/other.md#set-up"}\n'

MENTIONS = [
    ("component.mdx", 5, "text that is no link"),
    ("manual/guide.md", 3, "text that is no link"),
    ("page.md", 11, "an address on the net, which nothing here can check"),
    ("page.md", 24, "text that is no link"),
    ("page.md", 27, "a block of code"),
    ("site.json", 1, "text that is not read as a link"),
    ("src/a.js", 1, "code that is not read as a link"),
    ("src/a.js", 2, "code that is not read as a link"),
]
"""The places that name `manual/guide.md#set-up` and are read as links by nothing: file, line, and why they stay."""


def site(docs: str = "manual", **words: str) -> dict[str, str]:
    """The files of the site, its documents in a folder, with some of the words as they are after an edit."""
    known = {**WORDS, **words}
    files = {
        f"{docs}/guide.md": GUIDE,
        f"{docs}/other.md": OTHER,
        f"{docs}/img/shot one.png": "\x89PNG\0",
        "page.md": PAGE,
        "component.mdx": COMPONENT,
        "src/a.js": CODE,
        "site.json": CONFIGURATION,
    }
    return {path: Template(text).safe_substitute(known) for path, text in files.items()}
