"""A session is about something: every question without a target is about that, and nothing moves it silently."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from clew.cli.main import verb_command
from clew.running import execution, subjects

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.shell import Shell

HEAT = ["lib/kettle.js::heat"]


def subject(reply: dict[str, Any]) -> list[str]:
    """The subject of a reply, without the positions that tell namesakes of one file apart."""
    return [re.sub(r":\d+:\d+(~\w+)?$", "", text) for text in reply.get("subject", [])]


def test_search_callers_ripple_tests_and_slice_are_all_about_what_was_searched(shell: Shell) -> None:
    assert subject(shell.ask("--session-start", "tour", "--search", "heat")) == HEAT
    for flag in ("--callers", "--ripple", "--tests", "--context-slice", "--references"):
        reply = shell.ask("--from", "tour", flag)
        assert (subject(reply), reply["reused"]["step"], reply["reused"]["used"]) == (HEAT, "tour#1", [1]), flag


def test_a_pick_moves_the_subject_and_the_next_question_stays_there(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--callers", "heat")
    moved = shell.ask("--from", "tour", "--callers", "--match", "1")
    assert (subject(moved), moved["reused"]["step"], moved["reused"]["used"]) == (["lib/kettle.js::boil"], "tour#1", [1])
    stays = shell.ask("--from", "tour", "--references")
    assert (subject(stays), stays["reused"]["step"]) == (["lib/kettle.js::boil"], "tour#2")


def test_rows_can_be_picked_by_folder_file_glob_and_name(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--ripple", "heat")
    for match in ("lib", "lib/", "lib/kettle.js", "kettle.*", "boil"):
        picked = shell.ask("--from", "tour#1", "--definition", "--match", match)
        assert "lib/kettle.js::boil" in subject(picked), match
    error = shell.refused("--from", "tour#1", "--definition", "--match", "nowhere/", status=2)
    assert error["code"] == "invalid_request"


def test_a_pick_reaches_over_an_answer_without_rows(shell: Shell) -> None:
    flags = ("--session-start", "tour", "--references", "heat", "--build-index", "--callers")
    assert subject(shell.ask(*flags, "--match", "1")) == subject(shell.ask("--from", "tour#1", "--callers", "--match", "1"))


def test_a_survey_and_a_note_leave_the_subject_as_it_is(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    for flag in ("--hot-paths", "--dead-code", "--cycles", "--longest-files"):
        assert subject(shell.ask("--from", "tour", flag)) == HEAT
    shell.ask("--from", "tour", "--longest-files", "--note", "looked around")
    assert subject(shell.ask("--from", "tour", "--callers")) == HEAT


def test_a_note_of_an_agent_leaves_the_subject_of_its_own_newest_step(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat", "--agent", "one")
    shell.ask("--from", "tour", "--search", "brew", "--agent", "two")
    shell.run("clew", "note", "warm", "--from", "tour", "--agent", "one")
    assert subject(shell.ask("--from", "tour", "--callers", "--agent", "one")) == HEAT


def test_a_survey_of_a_session_about_nothing_leaves_it_about_nothing(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--hot-paths")
    error = shell.refused("--from", "tour", "--callers", status=3)
    assert (error["code"], error["hint"]) == ("no_subject", "js-scan --from tour --callers @1.1 --json")
    assert shell.ask("--from", "tour", "--callers", "--match", "1")["fromPriorContext"]


def test_a_search_that_finds_nothing_leaves_nothing_and_not_the_one_before(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    shell.ask("--from", "tour", "--search", "nothingLikeIt")
    assert shell.refused("--from", "tour", "--callers", status=3)["code"] == "no_subject"


def test_a_file_alone_means_its_exports_and_files_beside_definitions_are_left_out_and_counted(shell: Shell) -> None:
    shell.write("lib/top.js", "// heat, outside every definition\n")
    alone = shell.ask("--session-start", "tour", "--references", "lib/tea.mjs")
    assert ([used["target"] for used in alone["targets"]], "filesLeftOut" in alone) == (["lib/tea.mjs::brew"], False)
    assert subject(alone) == ["lib/tea.mjs"]
    handed_on = shell.ask("--callers", "index.js")
    assert [used["target"] for used in handed_on["targets"]] == ["lib/kettle.js::createKettle", "lib/kettle.js::exports.heat"]
    beside = shell.ask("--from", "tour", "--references", "heat", "lib/tea.mjs", "index.js")
    assert (len(beside["targets"]), beside["filesLeftOut"]) == (1, 2)
    shell.ask("--from", "tour", "--text", "heat")
    assert shell.ask("--from", "tour", "--callers")["filesLeftOut"] == 2
    assert shell.refused("--references", "package.json", status=3)["code"] == "symbol_not_found"
    assert shell.refused("--references", "lib/kettle.js:2", status=3)["code"] == "symbol_not_found"


def test_a_search_that_leaves_several_says_how_many_and_how_to_pick_one(shell: Shell) -> None:
    shell.write("lib/stove.js", "exports.heat = function heat() {};\n")
    reply = shell.ask("--session-start", "tour", "--search", "heat")
    assert (reply["targets"], reply["pick"]) == (len(reply["subject"]), "--match 1")
    picked = shell.ask("--from", "tour", "--callers", *reply["pick"].split())
    assert picked["subject"] == reply["subject"][:1]
    assert "pick" not in picked


def test_a_definition_that_is_gone_is_left_out_with_a_warning_and_the_others_stay(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--references", "heat", "brew", "boil")
    shell.write("lib/tea.mjs", "export const steep = 1;\n")
    for flags in ((), ("--refresh",)):
        reply = shell.ask("--from", "tour#1", "--callers", *flags)
        assert "lib/tea.mjs::brew" not in reply["subject"], flags
        assert reply["subject"][1:] == ["lib/kettle.js::boil"], flags
    assert "lib/tea.mjs::brew is gone since tour#1" in str(shell.ask("--from", "tour#1", "--tests")["warnings"])
    shell.write("lib/kettle.js", "module.exports = 1;\n")
    assert shell.refused("--from", "tour#1", "--callers", status=6)["code"] == "stale_input"


def test_scripts_in_pages_are_behind_sources(shell: Shell) -> None:
    shell.write("demo.html", "<script>\nconst { heat } = Kettle;\nheat(1);\n</script>\n")
    assert subject(shell.ask("--session-start", "tour", "--search", "heat")) == HEAT


def test_the_pick_that_is_printed_is_a_definition(shell: Shell) -> None:
    shell.write("README.md", "heat\n")
    reply = shell.ask("--session-start", "tour", "--text", "heat")
    assert shell.ask("--from", "tour", "--callers", *reply["pick"].split())["subject"]


def test_a_file_alone_means_its_exports_to_slices_definitions_and_previews(shell: Shell) -> None:
    for flag in ("--context-slice", "--definition"):
        reply = shell.ask(flag, "lib/kettle.js")
        assert {row["name"] for row in reply["results"]} >= {"exports.heat"}, flag
    assert [row["reached"] > 0 for row in shell.ask("--impact-preview", "lib/kettle.js")["results"]] == [True] * 3


def test_resume_says_what_the_session_is_about(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    shell.ask("--from", "tour", "--hot-paths")
    assert subject(shell.run("clew", "resume", "--json").json) == HEAT
    shell.ask("--from", "tour", "--search", "nothingLikeIt")
    said = shell.run("clew", "resume", "--json").json
    assert (subject(said), said["next"][1]) == ([], "js-scan --from tour --search TERM --json")


def test_undo_brings_the_subject_back(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    shell.ask("--from", "tour", "--search", "brew")
    undone = shell.run("clew", "sessions", "undo", "tour", "--json").json
    assert (undone["undone"], subject(undone)) == ({"step": "tour#2", "question": "search brew"}, HEAT)
    assert subject(shell.ask("--from", "tour", "--references")) == HEAT
    again = shell.run("clew", "sessions", "undo", "tour", "--json").json
    assert again["undone"]["step"] == "tour#4"
    assert shell.run("clew", "sessions", "undo", "tour", "--json").json["undone"]["step"] == "tour#1"


def test_a_repeated_question_gives_its_stored_answer(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    shell.ask("--from", "tour", "--callers")
    again = shell.ask("--from", "tour", "--callers")
    assert ("cached" in again, subject(again)) == (True, HEAT)


def test_limits_and_pages_do_not_shrink_the_subject(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--ripple", "heat")
    shell.ask("--from", "tour", "--definition", "--match", "all", "--limit", "1")
    counted = shell.ask("--from", "tour", "--definition", "--limit", "0")
    assert counted["total"] == shell.ask("--from", "tour#1", "--definition", "--match", "all", "--limit", "0")["total"]


def test_a_changed_file_keeps_the_step_that_set_the_subject(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    shell.write("lib/kettle.js", "// one more line\n" + (shell.folder / "lib/kettle.js").read_text())
    for flag, verdict in (("--callers", "changed"), ("--references", "fresh"), ("--ripple", "fresh")):
        reused = shell.ask("--from", "tour", flag)["reused"]
        assert (reused["step"], reused["used"], reused["verdict"]) == ("tour#1", [1], verdict), flag


def test_a_typed_target_is_named_by_the_step_that_it_was_typed_in(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--callers", "heat")
    shell.ask("--from", "tour", "--callers", "boil")
    assert shell.ask("--from", "tour", "--references")["reused"]["step"] == "tour#2"


def test_a_row_that_is_no_file_of_the_tree_is_no_question_about_all_of_it(shell: Shell) -> None:
    shell.write("lib/outside.js", "const http = require('node:http');\n")
    shell.ask("--session-start", "tour", "--imports", "lib/outside.js")
    for pick in (("--outline", "@1"), ("--outline", "--match", "1")):
        assert shell.refused("--from", "tour#1", *pick, status=3)["code"] == "no_subject"


def test_a_question_whose_time_was_over_at_once_is_recorded(shell: Shell) -> None:
    reply = shell.ask("--session-start", "tour", "--references", "heat", "--deadline", "0.0000001")
    assert (reply["complete"], reply["step"]) == (False, "tour#1")
    assert shell.ask("--from", "tour", "--references")["total"] > 0


QUESTIONS = (
    "--callers",
    "--references",
    "--ripple",
    "--tests",
    "--context-slice",
    "--definition",
    "--hot-paths",
    "--dead-code",
    "--cycles",
)


def drifts(folder: Path, chain: list[str]) -> str | None:
    """The first question of a chain that is not about what was searched; None when all are."""
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "lib.js").write_text("export function heat() {}\nexport function boil() { heat(); }\nexport const tea = () => boil();\n")
    (folder / "lib.test.js").write_text("import { tea } from './lib.js';\ntea();\n")

    def ask(*argv: str) -> dict[str, Any]:
        out, _, status = verb_command("js-scan", [*argv, "--root", str(folder), "--json"], {})
        assert status == 0, out
        reply: dict[str, Any] = json.loads(out)
        return reply

    token = ask("--session-start", "--search", "heat")["continuationToken"]
    for question in chain:
        reply = ask("--from", token, question)
        token = reply["continuationToken"]
        if subject(reply) != ["lib.js::heat"]:
            return question
    return None


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=st.lists(st.sampled_from(QUESTIONS), min_size=10, max_size=10))
def test_no_chain_of_questions_drifts_off_its_subject(tmp_path: Path, chain: list[str]) -> None:
    assert drifts(tmp_path, chain) is None


def test_a_subject_that_followed_the_rows_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    after = execution.worked_out
    last: list[Any] = []

    def remembered(*args: Any, **more: Any) -> Any:
        last[:] = [after(*args, **more)]
        return last[0]

    def follows_rows(workspace: Any, targets: Any, source: Any, **more: bool) -> Any:
        rows = last[0].result.offers(frozenset(range(1, 100)))
        setting = subjects.asked_about(workspace, targets, source, **more)
        return replace(setting, subject=subjects.subject_of(rows, workspace.generation)) if rows else setting

    monkeypatch.setattr(execution, "worked_out", remembered)
    monkeypatch.setattr(execution, "asked_about", follows_rows)
    assert drifts(tmp_path, ["--callers", "--references"]) is not None


def test_a_change_that_could_be_meant_for_several_is_told_as_its_own_line_with_a_definition(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--references", "lib/kettle.js", "heat", "brew")
    line = ("--from", "tour", "--rename", "--to", "warm")
    told = shell.run("js-edit", *line, "--json").error
    heat, brew = told["candidates"]
    assert (heat.partition(":7")[0], brew) == ("lib/kettle.js::heat", "lib/tea.mjs::brew")
    assert told["hint"] == f"js-edit --from tour --rename '{heat}' --to warm --json"
    assert shell.run("js-edit", *line, "--fix", "--json").error["hint"].endswith(f"--rename '{heat}' --to warm --fix --json")
    told = shell.run("js-edit", "--from", "tour", "--replace-text", "watts", "--with", "joules", "--json").error
    assert told["hint"] == f"js-edit --from tour --replace-text watts --with joules --json --within '{heat}'"


def test_a_change_of_several_files_is_told_how_to_find_definitions(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--importers", "lib/kettle.js", "lib/tea.mjs")
    told = shell.run("js-edit", "--from", "tour", "--rename", "--to", "warm", "--json").error
    assert told["hint"] == "js-scan --from tour#1 --outline"
    assert "candidates" not in told
    assert shell.ask(*told["hint"].split()[1:])["results"]
