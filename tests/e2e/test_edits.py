"""Edits as processes: planned, written, verified, taken back, beside others who change the tree."""

import json
import os
import subprocess
import sys

import pytest
from shell import Shell

HEAT = "lib/kettle.js::heat"
PASSES = (sys.executable, "-c", "")
FAILS = (sys.executable, "-c", "raise SystemExit(1)")


def text(shell: Shell, path: str) -> str:
    return (shell.folder / path).read_text()


def planned(shell: Shell, *flags: str) -> str:
    step: str = shell.run("js-edit", "--session-start", "e", "--json", *flags).json["step"]
    return step


def test_a_step_that_is_no_plan_is_told_so(shell: Shell) -> None:
    shell.run("js-scan", "--session-start", "e", "--search", "heat", "--json")
    refused = shell.run("js-edit", "--from", "e", "--fix", "--json")
    assert refused.status == 2
    assert refused.error["code"] == "not_a_plan"


def test_an_edit_of_text_moves_along_with_what_others_changed(shell: Shell) -> None:
    step = planned(shell, "--replace-text", "watts * 2", "--with", "watts * 3")
    shell.write("lib/kettle.js", "// by hand\n" + text(shell, "lib/kettle.js"))
    done = shell.run("js-edit", "--fix", step, "--json").json
    assert done["rebased"] is True
    assert text(shell, "lib/kettle.js").startswith("// by hand\n")
    assert "watts * 3" in text(shell, "lib/kettle.js")


def test_what_moved_along_is_taken_back_through_a_later_change_by_hand(shell: Shell) -> None:
    step = planned(shell, "--replace-text", "watts * 2", "--with", "watts * 3")
    before = "// by hand\n" + text(shell, "lib/kettle.js")
    shell.write("lib/kettle.js", before)
    done = shell.run("js-edit", "--fix", step, "--json").json
    assert done["rebased"] is True
    shell.write("lib/kettle.js", text(shell, "lib/kettle.js") + "// and again\n")
    assert shell.run("js-edit", "--undo", done["step"], "--json").json["applied"] is True
    assert text(shell, "lib/kettle.js") == before + "// and again\n"


def test_a_step_is_about_overloads_by_their_new_name_once_they_are_renamed(shell: Shell) -> None:
    shell.write(
        "lib/go.ts", "export function go(one: string): void;\nexport function go(one: number): void;\nexport function go(one: unknown) {}\n"
    )
    planned(shell, "--rename", "lib/go.ts::go", "--to", "run")
    assert shell.run("js-edit", "--from", "e", "--fix", "--json").json["subject"] == ["lib/go.ts::run"]


def test_an_edit_of_what_others_changed_is_stale(shell: Shell) -> None:
    step = planned(shell, "--replace-text", "watts * 2", "--with", "watts * 3")
    shell.write("lib/kettle.js", text(shell, "lib/kettle.js").replace("watts * 2", "watts * 9"))
    refused = shell.run("js-edit", "--fix", step, "--json")
    assert (refused.status, refused.error["code"]) == (6, "stale_plan")
    assert "watts * 9" in text(shell, "lib/kettle.js")


def test_a_rename_is_planned_again_and_written_where_it_is_the_same(shell: Shell) -> None:
    step = planned(shell, "--rename", HEAT, "--to", "warm")
    shell.write("lib/kettle.js", "// by hand\n" + text(shell, "lib/kettle.js"))
    assert shell.run("js-edit", "--fix", step, "--json").json["applied"] is True
    assert "exports.warm = warm" in text(shell, "lib/kettle.js")
    assert "warm(3)" in text(shell, "test/heat.js")


def test_a_rename_that_would_be_another_one_is_stale_and_can_be_planned_again(shell: Shell) -> None:
    step = planned(shell, "--rename", HEAT, "--to", "warm")
    shell.write("lib/more.js", "const { heat } = require('./kettle');\n\nheat(4);\n")
    refused = shell.run("js-edit", "--fix", step, "--json")
    assert (refused.status, refused.error["code"]) == (6, "stale_plan")
    assert "function heat" in text(shell, "lib/kettle.js")
    again = shell.run("js-edit", "--replan", step, "--fix", "--json").json
    assert again["applied"] is True
    assert "warm(4)" in text(shell, "lib/more.js")


def test_only_some_files_of_a_plan_can_be_written(shell: Shell) -> None:
    step = planned(shell, "--replace-text", "watts", "--with", "power", "--expect-count", "5")
    done = shell.run("js-edit", "--fix", step, "--only", "lib/tea.mjs", "--json")
    assert "power: 9" in text(shell, "lib/tea.mjs") or done.status == 7
    assert "watts * 2" in text(shell, "lib/kettle.js")


def test_a_passing_run_is_bound_to_the_tree(shell: Shell) -> None:
    shell.write("notes.bin", "\0\1")
    step = planned(shell, "--rename", HEAT, "--to", "warm", "--fix", "--verify", "--", *PASSES)
    assert shell.run("clew", "show", step, "--json").json["verified"] is True
    shell.write("notes.bin", "\0\2")
    shown = shell.run("clew", "show", step, "--json").json
    assert (shown["verified"], shown["unverified"]) == (False, True)
    line = next(line for line in shell.run("clew", "resume", "e", "--json").json["steps"] if line["step"] == step)
    assert line["unverified"] is True


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")
def test_a_changed_mode_is_a_changed_tree(shell: Shell) -> None:
    step = planned(shell, "--rename", HEAT, "--to", "warm", "--fix", "--verify", "--", *PASSES)
    os.chmod(shell.folder / "index.js", 0o600)
    assert shell.run("clew", "show", step, "--json").json["unverified"] is True


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
@pytest.mark.parametrize("has_git", [True, False])
def test_what_no_question_is_about_counts_as_well(shell: Shell, has_git: bool) -> None:
    """Hidden files, and where links lead; not what git ignores."""
    if has_git:
        subprocess.run(["git", "init", "--quiet", str(shell.folder)], check=True)  # noqa: S603, S607 - git, as found
    shell.write(".ci/run.yml", "one")
    shell.write(".env.test", "one")
    shell.write("extra.ignored", "one")
    shell.write(".gitignore", "*.ignored\n")
    os.symlink("index.js", shell.folder / "link")
    step = planned(shell, "--rename", HEAT, "--to", "warm", "--fix", "--verify", "--", *PASSES)

    def is_verified() -> bool:
        shown = shell.run("clew", "show", step, "--json").json
        return (shown["verified"], shown.get("unverified", False)) == (True, False)

    shell.write("extra.ignored", "two")
    assert is_verified()
    for path in (".ci/run.yml", ".env.test"):
        shell.write(path, "two")
        assert not is_verified(), path
        shell.write(path, "one")
        assert is_verified(), path
    os.unlink(shell.folder / "link")
    os.symlink("lib", shell.folder / "link")
    assert not is_verified()


def test_the_tree_of_before_needs_no_proof(shell: Shell) -> None:
    """A type that is called as one of React's gives its functions their props: under another name, they have other ones."""
    shell.write("types.ts", "export type FC<P = any> = {\n  (props: P): unknown\n  defaultProps?: Partial<P>\n}\n")
    app = "import type { FC } from './types';\n\nconst App: FC<{ name: string }> = ({ name }) => <b>{name}</b>;\nshow(<App name='a' />);\n"
    shell.write("app.tsx", app)
    step = planned(shell, "--rename", "types.ts::FC", "--to", "Part", "--fix")
    assert "type Part" in text(shell, "types.ts")
    back = shell.run("js-edit", "--undo", step, "--json").json
    assert back["applied"] is True
    assert text(shell, "app.tsx") == app
    assert shell.run("js-edit", "--redo", back["step"], "--json").json["applied"] is True
    assert text(shell, "app.tsx") == app.replace("FC", "Part")


def test_a_failing_run_takes_the_plan_back(shell: Shell) -> None:
    before = text(shell, "lib/kettle.js")
    ran = shell.run("js-edit", "--rename", HEAT, "--to", "warm", "--fix", "--json", "--verify", "--", *FAILS)
    assert ran.status == 1
    assert (ran.json["rolledBack"], ran.json["failed"]) == (True, True)
    assert text(shell, "lib/kettle.js") == before


def test_a_failing_run_can_leave_the_plan(shell: Shell) -> None:
    ran = shell.run("js-edit", "--rename", HEAT, "--to", "warm", "--fix", "--verify", "--keep", "--json", "--", *FAILS)
    assert "rolledBack" not in ran.json
    assert "warm" in text(shell, "lib/kettle.js")


def test_a_run_that_changes_the_tree_verifies_nothing(shell: Shell) -> None:
    writes = (sys.executable, "-c", "open('out.js', 'w').write('1;')")
    ran = shell.run("js-edit", "--rename", HEAT, "--to", "warm", "--fix", "--json", "--verify", "--", *writes)
    assert ran.json["touched"] == ["out.js"]
    assert (ran.status, ran.json["verified"], ran.json["unverified"]) == (1, False, True)
    assert "touched: out.js" in shell.run("clew", "show", ran.json["step"]).out


def test_an_undo_leaves_what_others_changed(shell: Shell) -> None:
    planned(shell, "--rename", HEAT, "--to", "warm", "--fix")
    shell.write("lib/kettle.js", text(shell, "lib/kettle.js") + "\n// by hand\n")
    shell.run("js-edit", "--from", "e", "--undo", "--json")
    assert text(shell, "lib/kettle.js").endswith("exports.heat = heat;\n\n// by hand\n")


def test_an_undo_names_what_is_in_its_way(shell: Shell) -> None:
    step = planned(shell, "--replace-text", "watts * 2", "--with", "watts * 3", "--fix")
    shell.write("lib/kettle.js", text(shell, "lib/kettle.js").replace("watts * 3", "watts * 9"))
    refused = shell.run("js-edit", "--undo", step, "--json")
    assert refused.status == 7
    assert "lib/kettle.js:8" in refused.error["message"]


def test_an_undo_in_part_leaves_the_rest_to_be_undone_and_is_redone(shell: Shell) -> None:
    before = text(shell, "lib/kettle.js")
    step = planned(shell, "--replace-text", "watts", "--with", "power", "--expect-count", "5", "--fix")
    written = text(shell, "lib/kettle.js")
    shell.write("lib/kettle.js", written.replace("power * 2", "powder * 2"))
    undone = shell.run("js-edit", "--undo", step, "--force", "--json").json
    assert (undone["partial"], len(undone["kept"])) == (True, 1)
    assert text(shell, "lib/kettle.js") == before.replace("watts * 2", "powder * 2")
    refused = shell.run("js-edit", "--undo", step, "--force", "--json")
    assert (refused.status, refused.error["code"]) == (7, "unsafe_edit")
    assert "lib/kettle.js" in refused.error["message"]
    assert shell.run("js-edit", "--redo", step, "--force", "--json").json["applied"] is True
    assert text(shell, "lib/kettle.js") == written.replace("power * 2", "powder * 2")
    assert shell.run("js-edit", "--redo", step, "--json").error["code"] == "not_a_plan"
    shell.write("lib/kettle.js", written)
    assert "partial" not in shell.run("js-edit", "--undo", step, "--json").json
    assert text(shell, "lib/kettle.js") == before


def test_results_stay_addressable_through_twenty_edits(shell: Shell) -> None:
    shell.run("js-scan", "--session-start", "s", "--outline", "lib/kettle.js", "--json")
    rows = shell.run("clew", "show", "s#1", "--json").json["results"]
    number = next(row["n"] for row in rows if row["name"] == "heat")
    for turn in range(20):
        ran = shell.run(
            "js-edit", "--from", "s", "--insert-before", f"@1.{number}", "--with", f"function part{turn}() {{}}", "--fix", "--json"
        )
        assert ran.json["applied"] is True, ran.out
    assert shell.run("js-scan", "--from", "s", "--definition", f"@1.{number}", "--json").json["results"][0]["name"] == "heat"
    assert (
        text(shell, "lib/kettle.js").index("part0")
        < text(shell, "lib/kettle.js").index("part19")
        < text(shell, "lib/kettle.js").index("function heat")
    )


def test_undo_of_the_thread_never_touches_files(shell: Shell) -> None:
    planned(shell, "--rename", HEAT, "--to", "warm", "--fix")
    shell.run("clew", "sessions", "undo", "e", "--json")
    assert "warm" in text(shell, "lib/kettle.js")


def test_who_changed_a_file_is_told(shell: Shell) -> None:
    step = planned(shell, "--rename", HEAT, "--to", "warm", "--fix")
    rows = shell.run("js-edit", "--who", "lib/kettle.js", "--no-record", "--json").json["results"]
    assert [(row["step"], row["state"]) for row in rows] == [(step, "applied"), ("e#1", "applied")]


def test_a_log_says_which_edits_are_written_and_verified(shell: Shell) -> None:
    planned(shell, "--rename", HEAT, "--to", "warm")
    shell.run("js-scan", "--from", "e", "--search", "heat", "--json")
    shell.run("js-edit", "--from", "e", "--fix", "e#1", "--verify", "--json", "--", *PASSES)
    shell.run("js-edit", "--from", "e", "--replace-text", "watts: 9", "--with", "watts: 8", "--within", "lib/tea.mjs", "--json")

    def log() -> list[tuple[object, ...]]:
        rows = shell.run("clew", "sessions", "log", "e", "--json").json["results"]
        return [(row["operation"], row.get("applied"), row.get("verified")) for row in rows]

    last, verified, fixed, search, first = log()
    assert (last, fixed, search, first) == (
        ("replace-text", False, None),
        ("fix", True, None),
        ("search", None, None),
        ("rename", True, None),
    )
    assert verified == ("verify", True, True)
    assert " applied verified " in shell.run("clew", "sessions", "log", "e").out
    shell.write("lib/more.js", "1;\n")
    assert ("verify", True, False) in log()


def test_a_diff_is_what_git_takes(shell: Shell) -> None:
    step = planned(shell, "--rename", HEAT, "--to", "warm")
    text = shell.run("js-edit", "--diff", step, "--no-record").out
    assert text.startswith("diff --git a/lib/kettle.js b/lib/kettle.js\n--- a/lib/kettle.js\n+++ b/lib/kettle.js\n")
    assert "-function heat(watts) {\n+function warm(watts) {\n" in text


def test_forms_of_a_plan_are_printed_alone_for_a_pipe(shell: Shell) -> None:
    step = planned(shell, "--rename", HEAT, "--to", "warm")
    assert shell.run("js-edit", "--diff", step, "--as", "csv").out.startswith("file,line,kind,evidence,before,after\nlib/kettle.js,")
    assert all(json.loads(line)["file"] for line in shell.run("js-edit", "--diff", step, "--as", "jsonl").out.splitlines())
    assert "documentChanges" in json.loads(shell.run("js-edit", "--diff", step, "--as", "workspace-edit").out)
    diff = shell.run("js-edit", "--diff", step).out
    subprocess.run(["git", "apply", "-"], cwd=shell.folder, input=diff.encode(), check=True)  # noqa: S607 - git
    assert "function warm" in text(shell, "lib/kettle.js")


def test_files_are_named_from_the_current_folder(shell: Shell) -> None:
    shell.write("lib/made.js", "// @generated\nconst { heat } = require('./kettle');\nheat(1);\n")
    line = ("--session-start", "m", "--rename", HEAT, "--to", "warm", "--json")
    assert shell.run("js-edit", *line).error["code"] == "unsafe_edit"
    wrong = shell.run("js-edit", *line, "--also", "mde.js", cwd=shell.folder / "lib").error
    assert (wrong["code"], wrong["candidates"][0]) == ("file_not_found", "lib/made.js")
    step = shell.run("js-edit", *line, "--also", "made.js", cwd=shell.folder / "lib").json["step"]
    wrong = shell.run("js-edit", "--fix", step, "--only", "mde.js", "--json", cwd=shell.folder / "lib").error
    assert wrong["candidates"] == ["lib/made.js"]
    shell.run("js-edit", "--fix", step, "--only", "made.js", "--json", cwd=shell.folder / "lib")
    assert "warm(1)" in text(shell, "lib/made.js")
    assert "warm" not in text(shell, "lib/kettle.js")


def test_code_is_read_from_a_regular_file_or_what_a_shell_opened(shell: Shell) -> None:
    os.mkfifo(shell.folder / "pipe")
    line = ("--replace-text", "watts * 2", "--json", "--with-file")
    assert shell.run("js-edit", *line, "pipe").error["code"] == "invalid_request"
    assert shell.run("js-edit", *line, "lib").error["code"] == "file_not_found"
    assert shell.run("js-edit", *line, "/dev/stdin", stdin="watts * 3\n").json["edits"] == 1


def test_a_secret_beside_an_edit_stays_in_the_file_and_in_no_step(shell: Shell) -> None:
    secret = "ghp_" + "x7Kq2mZ9" * 4 + "aB3d"
    shell.write("lib/key.js", f"const key = '{secret}', size = 1;\nmodule.exports = {{ key, size }};\n")
    shown = shell.run("js-edit", "--session-start", "k", "--replace-text", "size = 1", "--with", "size = 2", "--fix", "--json")
    assert secret not in shown.out
    assert secret in text(shell, "lib/key.js")
    assert "size = 2" in text(shell, "lib/key.js")
    assert secret.encode() not in (shell.folder / ".clew/sessions.db").read_bytes()


def test_a_plan_that_others_took_back_is_written_again(shell: Shell) -> None:
    before = text(shell, "lib/kettle.js")
    step = planned(shell, "--replace-text", "watts * 2", "--with", "watts * 3")
    shell.run("js-edit", "--fix", step, "--json")
    shell.write("lib/kettle.js", before)
    assert shell.run("js-edit", "--fix", step, "--json").json["applied"] is True
    assert "watts * 3" in text(shell, "lib/kettle.js")


def test_a_part_of_a_rename_is_refused_where_names_would_lead_nowhere(shell: Shell) -> None:
    step = planned(shell, "--rename", HEAT, "--to", "warm")
    refused = shell.run("js-edit", "--fix", step, "--only", "lib/kettle.js", "--json")
    assert (refused.status, refused.error["code"]) == (7, "unsafe_edit")
    assert "function heat" in text(shell, "lib/kettle.js")
    assert shell.run("js-edit", "--fix", step, "--only", "lib/kettle.js", "--force", "--json").json["applied"] is True
    assert shell.run("js-edit", "--fix", step, "--json").json["applied"] is True
    assert "warm(3)" in text(shell, "test/heat.js")


def test_a_command_that_is_none_takes_the_plan_back(shell: Shell) -> None:
    ran = shell.run("js-edit", "--rename", HEAT, "--to", "warm", "--fix", "--json", "--verify", "--", "no-such-program")
    assert (ran.status, ran.error["code"], ran.error["rolledBack"]) == (3, "program_not_found", True)
    assert "function heat" in text(shell, "lib/kettle.js")


def test_two_plans_in_one_call_are_not_written_by_one_fix(shell: Shell) -> None:
    argv = ["--replace-text", "watts * 2", "--with", "watts * 3", "--rename", HEAT, "--to", "warm"]
    refused = shell.run("js-edit", "--session-start", "two", *argv, "--fix", "--json")
    assert refused.status == 2
    assert "two#1" in refused.error["message"]
    assert "function heat" in text(shell, "lib/kettle.js")


def test_a_file_is_asked_about_twice(shell: Shell) -> None:
    planned(shell, "--rename", HEAT, "--to", "warm")
    assert shell.run("js-edit", "--who", "lib/kettle.js", "--json").status == 0
    assert shell.run("js-edit", "--who", "lib/kettle.js", "--json").json["total"] == 1


def test_hunks_are_written_and_taken_back_alone(shell: Shell) -> None:
    before = text(shell, "lib/kettle.js")
    step = planned(shell, "--replace-text", "watts", "--with", "power", "--expect-count", "3", "--within", "lib/kettle.js", "--force")
    first = shell.run("js-edit", "--fix", step, "--only", "lib/kettle.js:1", "--force", "--json").json["step"]
    assert text(shell, "lib/kettle.js") == before.replace("watts", "power", 1)
    shell.run("js-edit", "--undo", first, "--force", "--json")
    shell.run("js-edit", "--fix", step, "--json")
    assert text(shell, "lib/kettle.js") == before.replace("watts", "power")
    part = shell.run("js-edit", "--undo", step, "--only", "lib/kettle.js:3", "--force", "--json").json
    assert part["applied"] is True
    assert text(shell, "lib/kettle.js") == before.replace("watts", "power", 2)
    refused = shell.run("js-edit", "--undo", step, "--only", "lib/kettle.js:9", "--json")
    assert (refused.status, refused.error["code"]) == (3, "file_not_found")
