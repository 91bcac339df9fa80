"""`--changed`: the definitions that the working tree changed, as git sees it, are targets like any others."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from shell import Shell

from clew import diff
from clew.cli._flags import FLAGS
from clew.cli.main import verb_command

if TYPE_CHECKING:
    from pathlib import Path

HEAT = "lib/kettle.js::heat"
OWN = "[user]\nname = a\nemail = a@localhost\n"
HOSTILE = """[diff]
noprefix = true
mnemonicPrefix = true
interHunkContext = 99
context = 99
renames = false
external = false
orderFile = /nowhere
relative = false
submodule = log
[color]
ui = always
[core]
quotepath = true
"""


class Checkout(Shell):
    """A working tree of a real repository, of a user whose settings would spoil every diff."""

    def git(self, *argv: str, folder: Path | None = None) -> str:
        """The output of git."""
        git = shutil.which("git")
        assert git is not None
        environ = self.environ({"GIT_CONFIG_GLOBAL": str(self.folder.parent / "own")})
        line = [git, *argv]
        done = subprocess.run(line, cwd=folder or self.folder, capture_output=True, env=environ, check=True)  # noqa: S603 - ours
        return done.stdout.decode()

    def environ(self, more: Any = None) -> dict[str, str]:
        """The environment with the user's settings."""
        return {
            **super().environ(more),
            "GIT_CONFIG_GLOBAL": str(self.folder.parent / "hostile"),
            "GIT_CONFIG_NOSYSTEM": "1",
            **(more or {}),
        }

    def commit(self) -> None:
        """Everything as it is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "as it is")

    def replace(self, path: str, old: str, new: str) -> None:
        """A text of a file that stands there once."""
        before = (self.folder / path).read_text()
        assert before.count(old) == 1
        self.write(path, before.replace(old, new))

    def changed(self, *argv: str, **more: Any) -> tuple[list[str], dict[str, Any]]:
        """The targets of a question about what changed, and what is said of it."""
        reply = self.ask("--definition", *(argv or ("--changed",)), "--limit", "0", **more)
        return sorted(f"{row['file']}::{row['name']}" for row in reply["results"]), reply["changed"]


def plain(texts: list[str]) -> list[str]:
    """Addresses without what tells namesakes apart."""
    return [re.sub(r":\d+:\d+~\w+$", "", text) for text in texts]


@pytest.fixture
def checkout(shell: Shell) -> Checkout:
    """The small tree, committed."""
    shell.folder.parent.joinpath("own").write_text(OWN)
    shell.folder.parent.joinpath("hostile").write_text(HOSTILE)
    checkout = Checkout(shell.folder)
    checkout.git("init", "--quiet", "--initial-branch", "main")
    checkout.commit()
    return checkout


def test_the_definition_around_a_changed_line_is_a_target_like_a_typed_one(checkout: Checkout) -> None:
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    asked = checkout.ask("--session-start", "tour", "--callers", "--changed")
    typed = checkout.ask("--callers", asked["subject"][0])
    assert (asked["results"], asked["targets"], asked["question"]) == (typed["results"], typed["targets"], typed["question"])
    assert (plain(asked["subject"]), asked["fromPriorContext"]) == ([HEAT], False)
    commit = checkout.git("rev-parse", "HEAD").strip()
    assert asked["changed"] == {"against": "HEAD", "commit": commit, "files": 1, "definitions": 1}


def test_the_step_is_about_what_was_changed_then(checkout: Checkout) -> None:
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    checkout.ask("--session-start", "tour", "--callers", "--changed")
    assert "cached" in checkout.ask("--from", "tour", "--callers", "--changed")
    checkout.commit()
    reply = checkout.ask("--from", "tour#1", "--references")
    assert (plain(reply["subject"]), reply["reused"]["step"]) == ([HEAT], "tour#1")
    assert checkout.refused("--from", "tour", "--callers", "--changed", status=3)["code"] == "nothing_changed"


def test_several_questions_of_one_call_are_about_what_the_first_found_changed(checkout: Checkout) -> None:
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    reply = checkout.ask("--session-start", "tour", "--changed", "--callers", "--tests")
    assert (plain(reply["subject"]), reply["reused"]["step"], reply["earlier"][0]["changed"]["definitions"]) == ([HEAT], "tour#1", 1)


def test_staged_unstaged_and_untracked_files_count_and_ignored_ones_do_not(checkout: Checkout) -> None:
    checkout.write(".gitignore", "dist/\n")
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    checkout.git("add", "lib/kettle.js")
    checkout.replace("lib/tea.mjs", "watts: 9", "watts: 8")
    checkout.write("lib/cup.js", "class Cup {\n  fill() {}\n}\nmodule.exports = Cup;\n")
    checkout.write("dist/cup.js", "function built() {}\n")
    found, changed = checkout.changed()
    assert found == ["lib/cup.js::Cup", "lib/cup.js::Cup#fill", HEAT, "lib/tea.mjs::brew", "lib/tea.mjs::watts"]
    assert (changed["files"], changed["filesLeftOut"], changed.get("outside")) == (4, 1, None)


def test_a_renamed_file_is_followed(checkout: Checkout) -> None:
    checkout.git("mv", "lib/kettle.js", "lib/boiler é.js")
    checkout.replace("lib/boiler é.js", "watts * 2", "watts * 3")
    found, changed = checkout.changed()
    assert found == ["lib/boiler é.js::heat"]
    assert (changed["files"], changed["renamed"], changed.get("gone")) == (1, 1, None)


@pytest.mark.parametrize("name", ["a b.js", "é.js", 'q"uo\\te.js', "b b/x.js", "-dash.js", "#1 [x]*.js"])
def test_names_of_files_are_read_as_they_are(checkout: Checkout, name: str) -> None:
    checkout.write(name, "function pour() {\n  return 1;\n}\nfunction stays() {}\n")
    checkout.commit()
    checkout.replace(name, "1", "2")
    reply = checkout.ask("--definition", "--changed")
    assert [(row["file"], row["name"]) for row in reply["results"]] == [(name, "pour")]


def test_definitions_that_are_gone_are_listed(checkout: Checkout) -> None:
    (checkout.folder / "lib/tea.mjs").unlink()
    checkout.replace("lib/kettle.js", "function heat(watts) {\n  return watts * 2;\n}\n\n", "")
    checkout.replace("lib/kettle.js", "exports.heat = heat;\n", "")
    checkout.replace("lib/kettle.js", "options.watts", "options.watt")
    found, changed = checkout.changed()
    assert found == ["lib/kettle.js::boil", "lib/kettle.js::createKettle"]
    assert sorted((one["file"], one["name"], one["kind"]) for one in changed["gone"]) == [
        ("lib/kettle.js", "exports.heat", "field"),
        ("lib/kettle.js", "heat", "function"),
        ("lib/tea.mjs", "brew", "function"),
    ]
    text = checkout.run("js-scan", "--callers", "--changed").out
    assert "gone: lib/tea.mjs::brew function\n" in text
    assert "changed since HEAD: definitions 2, files 2\n" in text


def test_a_line_that_was_taken_out_belongs_to_what_it_stood_in(checkout: Checkout) -> None:
    cup = "export class Cup {\n  fill() {\n    a();\n    b();\n  }\n\n  drink() {\n    c();\n  }\n}\n"
    checkout.write("lib/chain.mjs", f"export const tea = water\n  .boil()\n  .pour()\n\n{cup}\nexport function last() {{}}\n")
    checkout.commit()
    checkout.replace("lib/chain.mjs", "  .pour()\n", "")
    checkout.replace("lib/chain.mjs", "    b();\n", "")
    checkout.replace("lib/chain.mjs", "  drink() {\n    c();\n  }\n", "")
    found, changed = checkout.changed()
    assert found == ["lib/chain.mjs::Cup", "lib/chain.mjs::Cup#fill", "lib/chain.mjs::tea"]
    assert ([one["name"] for one in changed["gone"]], changed.get("outside")) == (["Cup#drink"], None)


def test_of_namesakes_the_changed_one_is_meant(checkout: Checkout) -> None:
    body = "function {0}() {{\n  function step() {{\n    return {1};\n  }}\n  return step();\n}}\n"
    checkout.write("lib/steps.js", body.format("first", 1) + body.format("second", 2))
    checkout.commit()
    checkout.replace("lib/steps.js", "    return 2;\n", "")
    reply = checkout.ask("--definition", "--changed")
    assert [(row["name"], row["line"]) for row in reply["results"]] == [("step", 8)]


def test_a_doc_comment_belongs_to_what_it_is_about(checkout: Checkout) -> None:
    checkout.write("lib/cup.js", "class Cup {\n  /**\n   * @param {string} tea\n   */\n  fill(tea) {}\n}\n")
    checkout.commit()
    checkout.replace("lib/cup.js", "{string}", "{number}")
    assert checkout.changed()[0] == ["lib/cup.js::Cup#fill"]


def test_lines_outside_of_definitions_are_counted_and_their_file_can_be_asked_about(checkout: Checkout) -> None:
    checkout.replace("test/heat.js", "heat(3);", "heat(4);")
    error = checkout.refused("--ripple", "--changed", status=3)
    assert (error["code"], error["hint"], error["changed"]["outside"]) == ("nothing_changed", "js-scan --ripple test/heat.js", 2)
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    assert checkout.changed()[1]["outside"] == 2


def test_of_a_file_that_does_not_parse_the_lines_it_had_count(checkout: Checkout) -> None:
    checkout.write("lib/cup.js", "class Cup {\n  fill() {\n    a();\n  }\n\n  drink() {}\n}\n")
    checkout.commit()
    checkout.replace("lib/cup.js", "  drink() {}\n", "  drink() {}\n\n  wash() {}\n")
    checkout.ask("--search", "heat")
    for broken in ("    a(;\n", "    a();\n    b(;\n"):
        before = (checkout.folder / "lib/cup.js").read_text()
        checkout.replace("lib/cup.js", "    a();\n", broken)
        reply = checkout.ask("--definition", "--changed")
        assert [row["name"] for row in reply["results"]] == ["Cup#fill", "Cup#drink", "Cup#wash"]
        assert ([gap["code"] for gap in reply["why"]], reply["changed"].get("gone")) == (["stale"], None)
        checkout.write("lib/cup.js", before)
        checkout.ask("--search", "heat")


def test_a_file_without_lines_to_tell_is_changed_as_a_whole(checkout: Checkout) -> None:
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    checkout.write(".gitattributes", "kettle.js binary\n")
    assert checkout.changed()[0] == ["lib/kettle.js::boil", "lib/kettle.js::createKettle", "lib/kettle.js::exports.heat", HEAT]


def test_binary_files_links_and_submodules_are_counted_beside_definitions(checkout: Checkout, tmp_path: Path) -> None:
    other = tmp_path.parent / f"{tmp_path.name}-other"
    other.mkdir()
    checkout.git("init", "--quiet", folder=other)
    (other / "part.js").write_text("function part() {}\n")
    checkout.git("add", "--all", folder=other)
    checkout.git("commit", "--quiet", "--message", "part", folder=other)
    checkout.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "part")
    checkout.write("cup.png", b"\x89PNG\0")
    checkout.commit()
    checkout.write("cup.png", b"\x89PNG\0\1")
    checkout.write("part/part.js", "function part() { return 1; }\n")
    checkout.git("commit", "--quiet", "--all", "--message", "more", folder=checkout.folder / "part")
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    found, changed = checkout.changed()
    assert (found, changed["files"], changed["filesLeftOut"]) == ([HEAT], 3, 2)


def test_a_revision_can_be_any_name_of_a_commit(checkout: Checkout) -> None:
    checkout.git("tag", "v1")
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    checkout.commit()
    checkout.replace("lib/tea.mjs", "watts: 9", "watts: 8")
    for revision in ("HEAD~1", "v1", "main~1", checkout.git("rev-parse", "--short", "v1").strip()):
        found, changed = checkout.changed("--changed", revision)
        assert (found, changed["against"]) == ([HEAT, "lib/tea.mjs::brew", "lib/tea.mjs::watts"], revision)


def test_a_subfolder_is_a_place_to_ask_from_and_a_root_of_its_own(checkout: Checkout) -> None:
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    checkout.write("test/more.js", "function more() {}\n")
    assert checkout.changed(cwd=checkout.folder / "lib")[0] == [HEAT, "test/more.js::more"]
    found, changed = checkout.changed("--changed", "--root", "lib")
    assert (found, changed["files"]) == (["kettle.js::heat"], 1)


def test_a_narrowed_question_narrows_its_rows_and_not_what_changed(checkout: Checkout) -> None:
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    for flags in (["--dir", "test"], ["--include", "test/**"], ["--exclude", "lib"]):
        reply = checkout.ask("--references", "--changed", *flags)
        assert (plain(reply["subject"]), "test/heat.js" in {row["file"] for row in reply["results"]}) == ([HEAT], True), flags
    assert {row["file"] for row in checkout.ask("--references", "--changed", "--dir", "test")["results"]} == {"test/heat.js"}


def test_every_question_with_targets_takes_it_and_the_others_say_that_they_do_not(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    monkeypatch.chdir(checkout.folder)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"):
        monkeypatch.setenv(name, checkout.environ()[name])
    statuses = {}
    for name, (commands, words, least, *_) in FLAGS.items():
        if "js-scan" not in commands:
            continue
        out, _, status = verb_command("js-scan", [f"--{name}", *["x"] * least, "--changed", "--json"], {})
        subject = plain(json.loads(out).get("subject", []))
        statuses[name] = (status, subject)
        assert statuses[name] == ((0, [HEAT]) if words == "targets" else (2, [])), (name, out)
    assert {status for status, _ in statuses.values()} == {0, 2}


@pytest.mark.parametrize(
    ("argv", "status", "code", "hint"),
    [
        (["--callers", "--changed=-x"], 2, "usage", "js-scan --callers --changed HEAD"),
        (["--callers", "--changed="], 2, "usage", "js-scan --callers --changed HEAD"),
        (["--callers", "heat", "--changed"], 2, "invalid_request", None),
        (["--callers", "--match", "1", "--changed"], 2, "invalid_request", None),
        (["--cycles", "--changed"], 2, "usage", "js-scan --outline --changed"),
        (["--changed"], 2, "usage", None),
        (["--callers", "--changed", "mian"], 3, "revision_not_found", "js-scan --callers --changed main --json"),
        (["--callers", "--changed=nowhere"], 3, "revision_not_found", "js-scan --callers --changed HEAD --json"),
        (["--callers", "--changed", "HEAD..main"], 3, "revision_not_found", "js-scan --callers --changed HEAD --json"),
        (["--callers", "--changed", "HEAD~99"], 3, "revision_not_found", "git log --oneline"),
        (["--callers", "--changed", "$(touch pwned)"], 3, "revision_not_found", "js-scan --callers --changed HEAD --json"),
        (["--callers", "--changed"], 3, "nothing_changed", "js-scan --callers --changed 'HEAD~1' --json"),
    ],
    ids=str,
)
def test_what_cannot_be_answered_is_said_with_a_way_out(
    checkout: Checkout, argv: list[str], status: int, code: str, hint: str | None
) -> None:
    error = checkout.refused("--session-start", "tour", *argv, status=status)
    assert (error["code"], error.get("hint")) == (
        code,
        hint if hint is None or not hint.endswith("--json") else hint.replace("js-scan", "js-scan --session-start tour"),
    )
    assert not (checkout.folder / "pwned").exists()


def test_without_commits_a_repository_or_git_the_question_is_refused(checkout: Checkout, tmp_path: Path) -> None:
    nowhere = {"PATH": str(tmp_path / "nowhere")}
    assert checkout.refused("--callers", "--changed", status=7, environ=nowhere)["code"] == "git_unavailable"
    error = checkout.refused("--callers", "--changed", "main", "--deadline", "0.0000001", status=7)
    assert (error["code"], error["hint"]) == ("git_unavailable", "js-scan --callers --changed main --json --deadline 0")
    shutil.rmtree(checkout.folder / ".git")
    alone = {"GIT_CEILING_DIRECTORIES": str(checkout.folder.parent)}
    error = checkout.refused("--callers", "--changed", status=3, environ=alone)
    assert (error["code"], error["hint"]) == ("no_repository", "js-scan --callers TARGET")
    checkout.git("init", "--quiet")
    error = checkout.refused("--callers", "--changed", status=3)
    assert (error["code"], error["hint"]) == ("revision_not_found", "git add --all && git commit --message First")


def test_variables_of_git_lead_nowhere_else(checkout: Checkout, tmp_path: Path) -> None:
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    other = {
        "GIT_DIR": str(tmp_path / "nowhere"),
        "GIT_DIFF_OPTS": "--unified=99",
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_INDEX_FILE": "nowhere",
    }
    assert checkout.changed(environ=other)[0] == [HEAT]


def test_settings_and_variables_would_be_noticed(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout.write("lib/many.js", "".join(f"function f{number}() {{\n  return {number};\n}}\n" for number in range(9)))
    checkout.commit()
    checkout.replace("lib/many.js", "return 1;", "return 11;")
    checkout.replace("lib/many.js", "return 7;", "return 77;")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", checkout.environ()["GIT_CONFIG_GLOBAL"])
    whole = [(hunk.new, hunk.new_count) for file in diff.differences(str(checkout.folder), "HEAD") for hunk in file.hunks]
    assert whole == [(5, 1), (23, 1)]
    monkeypatch.setattr(diff, "_DIFF", tuple(flag for flag in diff._DIFF if not flag.startswith("--inter-hunk")))  # noqa: SLF001 - a broken double
    whole = [(hunk.new, hunk.new_count) for file in diff.differences(str(checkout.folder), "HEAD") for hunk in file.hunks]
    assert whole == [(5, 19)]


def test_a_question_leaves_the_index_of_git_as_it_is(checkout: Checkout) -> None:
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    os.utime(checkout.folder / "index.js", (1, 1))
    index = checkout.folder / ".git/index"
    before = (index.read_bytes(), index.stat().st_mtime_ns)
    checkout.changed()
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before


def test_questions_as_json_take_it_too(checkout: Checkout) -> None:
    checkout.replace("lib/kettle.js", "watts * 2", "watts * 3")
    lines = [
        {"op": "callers", "changed": True},
        {"op": "callers", "changed": "nowhere"},
        {"op": "callers", "changed": 3},
        {"op": "cycles", "changed": True},
    ]
    out = checkout.run("clew", "ask", stdin="".join(json.dumps(line) + "\n" for line in lines)).out
    replies = [json.loads(line) for line in out.splitlines()]
    assert plain([one["target"] for one in replies[0]["targets"]]) == [HEAT]
    assert replies[0]["changed"]["definitions"] == 1
    assert [reply["error"]["code"] for reply in replies[1:]] == ["revision_not_found", "invalid_request", "usage"]
    recorded = [{"op": "callers", "changed": True}, {"op": "tests"}, {"op": "tests", "match": "1", "changed": True}]
    out = checkout.run("clew", "ask", "--save-session", "tour", stdin="".join(json.dumps(line) + "\n" for line in recorded)).out
    first, second, third = [json.loads(line) for line in out.splitlines()]
    assert (first["subject"], second["reused"]["step"], third["error"]["code"]) == (second["subject"], "tour#1", "invalid_request")
