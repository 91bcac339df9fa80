"""Git's diffs are read as git prints them, whatever stands in the lines and in the names of files."""

import pytest

from clew import diff
from clew.diff import FileDiff, Hunk, parse
from clew.errors import GitUnavailable

OLD, NEW, NONE = "1" * 40, "2" * 40, "0" * 40
BLOBS = f"index {OLD}..{NEW} 100644"


def patch(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize(
    ("lines", "file"),
    [
        (
            ["diff --git a/a b.js b/a b.js", BLOBS, "--- a/a b.js\t", "+++ b/a b.js\t", "@@ -2 +2,0 @@ a", "-x"],
            FileDiff("a b.js", "a b.js", OLD, (Hunk(2, 1, 2, 0),)),
        ),
        (
            ['diff --git "a/\\303\\251\\"\\\\\\t.js" "b/\\303\\251\\"\\\\\\t.js"', BLOBS, "@@ -0,0 +1,2 @@", "+x", "+y"],
            FileDiff('é"\\\t.js', 'é"\\\t.js', OLD, (Hunk(0, 0, 1, 2),)),
        ),
        (
            ["diff --git a/lib/é.js b/lib/é.js", "old mode 100644", "new mode 100755"],
            FileDiff("lib/é.js", "lib/é.js"),
        ),
        (
            ["diff --git a/b b/x.js b/b b/x.js", "new file mode 100644", f"index {NONE}..{NEW}", "@@ -0,0 +1 @@", "+x"],
            FileDiff("b b/x.js", None, None, (Hunk(0, 0, 1, 1),), is_whole=True),
        ),
        (
            ["diff --git a/x.js b/x.js", "deleted file mode 100644", f"index {OLD}..{NONE}", "+++ /dev/null", "@@ -1 +0,0 @@", "-x"],
            FileDiff("x.js", "x.js", OLD, (Hunk(1, 1, 0, 0),), is_gone=True),
        ),
        (
            ["diff --git a/x.js b/y/x.js", "rename from x.js", "rename to y/x.js", BLOBS, "@@ -7 +9 @@"],
            FileDiff("y/x.js", "x.js", OLD, (Hunk(7, 1, 9, 1),)),
        ),
        (
            ["diff --git a/x.js b/x.js", BLOBS, "Binary files a/x.js and b/x.js differ"],
            FileDiff("x.js", "x.js", OLD, is_whole=True),
        ),
    ],
    ids=["deletion", "quoted", "mode", "new", "gone", "renamed", "binary"],
)  # fmt: skip
def test_each_sort_of_difference_is_read(lines: list[str], file: FileDiff) -> None:
    assert parse(patch(*lines)) == [file]


def test_lines_of_a_file_are_never_read_as_headers() -> None:
    lines = ["-- a/x.js", "++ b/x.js", "@@ -1 +1 @@", "diff --git a/y.js b/y.js", "deleted file mode 100644", "rename to z.js"]
    body = [
        *(f"-{line}" for line in lines),
        "\\ No newline at end of file",
        *(f"+{line}" for line in lines),
        "\\ No newline at end of file",
    ]
    head = ["diff --git a/x.js b/x.js", BLOBS, "--- a/x.js", "+++ b/x.js", "@@ -1,6 +1,6 @@"]
    last = ["diff --git a/z.js b/z.js", "old mode 100644", "new mode 100755"]
    assert parse(patch(*head, *body, *last)) == [FileDiff("x.js", "x.js", OLD, (Hunk(1, 6, 1, 6),)), FileDiff("z.js", "z.js")]


def test_a_name_that_is_not_utf_8_is_one_that_no_file_has() -> None:
    (file,) = parse(b"diff --git a/caf\xe9.js b/caf\xe9.js\nold mode 100644\n")
    assert file.path == "caf\N{REPLACEMENT CHARACTER}.js"


def test_a_diff_that_cannot_be_read_is_said() -> None:
    with pytest.raises(GitUnavailable):
        parse(b"diff --git a/x.js b/x.js\n@@ nonsense @@\n")


def test_nothing_is_nothing() -> None:
    assert (parse(b""), diff.contents("/nowhere", [])) == ([], {})
