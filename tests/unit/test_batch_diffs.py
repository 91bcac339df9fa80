"""A unified diff as a batch: what its hunks leave of the files, wherever they stand."""

from pathlib import Path

import pytest
from test_batch import TREE, asked, opened, planned

from clew.edits.journal import Journal
from clew.errors import AmbiguousSymbol, ClewError, SymbolNotFound

DIFF = """\
From: somebody

diff --git a/tax.js b/tax.js
index 1..2 100644
--- a/tax.js
+++ b/tax.js
@@ -1,3 +1,4 @@
+// twice
 export function tax(sum) {
-  return sum * 2;
+  return sum + sum;
 }
"""


def test_a_diff_is_a_batch(tmp_path: Path) -> None:
    assert planned(opened(tmp_path), DIFF) == {"tax.js": b"// twice\nexport function tax(sum) {\n  return sum + sum;\n}\n"}


def test_a_hunk_is_found_by_its_lines_elsewhere(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"tax.js": "// a\n// b\n\n" + TREE["tax.js"]})
    assert planned(workspace, DIFF) == {"tax.js": b"// a\n// b\n\n// twice\nexport function tax(sum) {\n  return sum + sum;\n}\n"}


def test_a_hunk_that_fits_twice_elsewhere_is_not_guessed(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"tax.js": "// a\n" + "{\n  return;\n}\n" * 2})
    with pytest.raises(AmbiguousSymbol, match=r"stand 2 times elsewhere") as caught:
        asked(workspace, "--- a/tax.js\n+++ b/tax.js\n@@ -1,3 +1,3 @@\n {\n-  return;\n+  return 1;\n }\n")
    assert caught.value.candidates == ("tax.js:2", "tax.js:5")


def test_a_hunk_that_fits_nowhere_says_what_differs(tmp_path: Path) -> None:
    with pytest.raises(SymbolNotFound, match=r"line 7 of the batch: .*nearest at line 1, where line 2 is '  return sum \* 2;'") as caught:
        asked(opened(tmp_path), DIFF.replace("sum * 2", "sum * 3"))
    assert caught.value.candidates == ("tax.js:1",)
    assert caught.value.details["differs"] == {"file": "tax.js", "line": 2, "there": "  return sum * 2;", "given": "  return sum * 3;"}


def test_a_hunk_that_was_counted_wrongly_is_read_to_its_end(tmp_path: Path) -> None:
    assert planned(opened(tmp_path), DIFF.replace("-1,3 +1,4", "-1,9 +1,9")) == planned(opened(tmp_path / "b"), DIFF)


@pytest.mark.parametrize("ends", ["file", "diff", "both"])
def test_line_ends_do_not_matter_and_those_of_the_file_are_kept(tmp_path: Path, ends: str) -> None:
    source = TREE["tax.js"].replace("\n", "\r\n") if ends != "diff" else TREE["tax.js"]
    given = DIFF.replace("\n", "\r\n") if ends != "file" else DIFF
    newline = "\r\n" if ends != "diff" else "\n"
    after = newline.join(["// twice", "export function tax(sum) {", "  return sum + sum;", "}", ""])
    assert planned(opened(tmp_path, {"tax.js": source}), given) == {"tax.js": after.encode()}


def test_files_are_made_moved_and_deleted(tmp_path: Path) -> None:
    text = """\
diff --git a/notes.md b/prose/notes.md
similarity index 90%
rename from notes.md
rename to prose/notes.md
--- a/notes.md
+++ b/prose/notes.md
@@ -1,3 +1,3 @@
 # Notes

-Tax is two.
+Tax is three.
diff --git a/run.sh b/run.sh
new file mode 100755
--- /dev/null
+++ b/run.sh
@@ -0,0 +1 @@
+echo
\\ No newline at end of file
diff --git a/old.md b/old.md
deleted file mode 100644
--- a/old.md
+++ /dev/null
@@ -1 +0,0 @@
-old
"""
    workspace = opened(tmp_path, {**TREE, "old.md": "old\n"})
    assert planned(workspace, text) == {
        "notes.md": None,
        "prose/notes.md": b"# Notes\n\nTax is three.\n",
        "run.sh": b"echo",
        "old.md": None,
    }
    plan = Journal(workspace.state).plan(asked(workspace, text).stored.plan)
    assert {change.path: change.mode for change in plan.changes if change.mode} == {"run.sh": 0o755}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("--- a/tax.js\n+++ b/tax.js\n@@ here @@\n", "line 3 of the batch: .* is no hunk"),
        ("diff --git a/x b/x\nnew file mode 120000\n", "line 2 of the batch: a file of mode 120000"),
        ("diff --git a/x.js b/x.js\nold mode 100644\nnew mode 100755\n", "line 2 of the batch: a change of permissions"),
        ("diff --git a/x.png b/x.png\nindex 1..2\nGIT binary patch\n", "line 3 of the batch: a change of a binary file"),
        ("--- a/../x\n+++ b/../x\n@@ -1 +1 @@\n-a\n+b\n", "line 3 of the batch: ../x is outside"),
        ("--- /dev/null\n+++ b/tax.js\n@@ -0,0 +1 @@\n+a\n", "line 1 of the batch: tax.js exists already"),
        ("--- a/tax.js\n+++ /dev/null\n@@ -1 +0,0 @@\n-export function tax(sum) {\n", "has more in it than the diff deletes"),
    ],
)
def test_a_diff_that_cannot_be_meant_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ClewError, match=said):
        asked(opened(tmp_path), text)
