"""`clew why`: of a recorded failure the changes that can explain it, the likeliest first, with the chain that leads to each."""

from __future__ import annotations

import asyncio
import json
import shlex
import shutil
from pathlib import Path

import pytest
from mcp_ways import ask, in_memory
from till import BOTH_FAIL, PASSES, TOTAL_FAILS, TREE, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_the_guilty_edit_is_first_although_innocent_ones_came_later(shop: Shop) -> None:
    guilty = shop.edit("lib/money.js", "Math.round(sum * 100) / 100", "Math.round(sum * 100) / 1000")
    shop.edit("lib/till.js", "  add(price, count) {", "  add(price, count, note) {")
    shop.edit("lib/print.js", "const width = 12;", "const width = 12; // as wide as the paper")
    shop.edit("lib/till.js", "let sum = 0;", "// in euros\n    let sum = 0;")
    reply = shop.why(shop.record())
    first = reply["results"][0]
    assert {name: first.get(name) for name in ("name", "file", "line", "change", "before", "after", "by", "failing")} == {
        "name": "rounded",
        "file": "lib/money.js",
        "line": 3,
        "change": "constant",
        "before": "return Math.round(sum * 100) / 100;",
        "after": "return Math.round(sum * 100) / 1000;",
        "by": guilty,
        "failing": "1/1",
    }
    assert first["chain"] == ["test/till.test.js:8 call lib/till.js::Till#total", "lib/till.js:22 call lib/money.js::rounded"]
    assert reply["failure"] == {
        "n": 1,
        "name": "Till > adds up",
        "file": "test/till.test.js",
        "line": 5,
        "message": "AssertionError [ERR_ASSERTION]: 0.3 == 3",
    }
    assert reply["compared"] == {"definitions": 4, "since": "HEAD", "harmless": 2}
    assert [row["name"] for row in reply["results"]] == ["rounded", "Till#add"]


def test_the_next_commands_work_when_they_are_pasted(shop: Shop) -> None:
    shop.edit("lib/money.js", "Math.round(sum * 100) / 100", "Math.round(sum * 100) / 1000")
    shop.replace("lib/print.js", "width = 12", "width = 13")
    reply = shop.why(shop.record(BOTH_FAIL))
    commands = [shlex.split(command) for command in reply["next"]]
    doing = [words[:2] for words in commands]
    assert doing == [["js-scan", "--definition"], ["js-edit", "--undo"], ["clew", "record"], ["clew", "why"]]
    ran = [shop.run(command, *argv) for command, *argv in commands]
    assert [one.status for one in ran] == [0, 0, 1, 0], [one.out for one in ran]  # what is recorded hands its own status on
    assert "same=2" in ran[2].err
    assert (shop.folder / "lib/money.js").read_text(encoding="utf-8") == TREE["lib/money.js"]
    assert "lib/print.js" in ran[3].out.partition("@2")[0]


def test_changes_of_the_working_tree_count_against_the_commit_that_is_named(shop: Shop) -> None:
    shop.replace("lib/money.js", "* 100)", "* 10)")
    shop.commit()
    step = shop.record()
    silent = shop.why(step)
    assert (silent["total"], silent["complete"], silent["why"]) == (0, False, [{"code": "unchanged"}])
    (command,) = silent["next"]
    again = shop.run(*shlex.split(command), "--json").json
    assert [row["name"] for row in again["results"]] == ["rounded"]
    assert again["compared"]["since"] == "HEAD~1"


def test_the_edits_of_the_session_count_outside_of_git_too(shop: Shop) -> None:
    shutil.rmtree(shop.folder / ".git")
    step = shop.record()
    error = shop.run("clew", "why", step, "--json")
    assert (error.status, error.error["code"]) == (3, "no_repository")
    written = shop.edit("lib/money.js", "Math.round(sum * 100) / 100", "Math.round(sum * 100) / 1000")
    reply = shop.why(shop.record())
    assert [(row["name"], row["by"]) for row in reply["results"]] == [("rounded", written)]
    assert "since" not in reply["compared"]


def test_several_failures_are_counted_and_a_row_picks_one(shop: Shop) -> None:
    shop.replace("lib/money.js", "/ 100", "/ 1000")
    shop.replace("lib/print.js", "text.padStart(width)", "text.padEnd(width)")
    step = shop.record(BOTH_FAIL)
    first, other = shop.why(step), shop.why(f"{step}.2")
    assert (first["failures"], first["failure"]["name"], first["results"][0]["name"]) == (2, "Till > adds up", "rounded")
    assert (other["failure"]["name"], other["results"][0]["name"]) == ("Till > prints a line for each item", "pad")
    shop.record(BOTH_FAIL)
    assert shop.why("@2")["failure"]["name"] == "Till > prints a line for each item"


def test_what_is_not_known_is_said(shop: Shop) -> None:
    shop.replace("lib/stock.js", "> 3", "> 4")
    shop.replace("package.json", "till", "tills")
    reply = shop.why(shop.record())
    assert (reply["complete"], reply["otherFiles"]) == (False, ["package.json"])
    assert reply["why"] == [{"code": "unlinked", "total": 1}, {"code": "config", "total": 1, "files": ["package.json"]}]
    assert [(row["name"], row["evidence"], "chain" in row) for row in reply["results"]] == [("inStock", "unlinked", False)]


def test_an_error_that_no_test_tells_leads_along_its_stack(shop: Shop) -> None:
    shop.replace("lib/money.js", "/ 100", "/ 1000")
    shop.replace("lib/print.js", "width = 12", "width = 13")
    stack = f"TypeError: sum is not a number\n    at rounded ({shop.folder}/lib/money.js:4:10)\n    at {shop.folder}/lib/till.js:21:12\n"
    first, other = shop.why(shop.record(stack))["results"]
    assert (first["name"], first["stack"], first["chain"]) == (
        "rounded",
        1,
        ["lib/till.js:21 stack Till#total", "lib/till.js:21 stack lib/money.js::rounded"],
    )
    assert (other["name"], other["evidence"]) == ("line", "module")


def test_a_run_that_says_nothing_of_a_test_says_so(shop: Shop) -> None:
    shop.replace("lib/print.js", "width = 12", "width = 13")
    shop.replace("lib/money.js", "/ 100", "/ 1000")
    reply = shop.why(shop.record("the width is wrong"))
    assert [(row["name"], row["evidence"]) for row in reply["results"]] == [("line", "unlinked"), ("rounded", "unlinked")]
    assert [gap["code"] for gap in reply["why"]] == ["unlocated", "unlinked"]


def test_a_change_of_the_test_itself_is_a_suspect(shop: Shop) -> None:
    shop.replace("test/till.test.js", "assert.equal(till.total(), 3)", "assert.equal(till.total(), 4)")
    shop.replace("lib/till.js", "    return this;\n", "    console.log('added');\n    return this;\n")
    first = shop.why(shop.record())["results"][0]
    assert (first["file"], first["change"], first["after"]) == ("test/till.test.js", "constant", "assert.equal(till.total(), 4);")


def test_a_definition_that_is_gone_is_a_suspect(shop: Shop) -> None:
    shop.replace("lib/print.js", "function pad(text, width) {\n  return text.padStart(width);\n}\n\n", "")
    reply = shop.why(f"{shop.record(BOTH_FAIL)}.2")
    assert [(row["name"], row["change"]) for row in reply["results"]] == [("pad", "removed")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  return Math.round(sum * 100) / 100;", "  // to cents\n    return Math.round( sum * 100 )\n      / 100;"),
        ("return Math.round(sum * 100) / 100;", "return Math.round(sum * 100) / 100; /* cents */"),
    ],
)
def test_layout_and_comments_are_no_suspects(shop: Shop, old: str, new: str) -> None:
    shop.replace("lib/money.js", old, new)
    reply = shop.why(shop.record())
    assert (reply["total"], reply["compared"]) == (0, {"definitions": 1, "since": "HEAD", "harmless": 1})


def test_a_long_answer_fits_two_kilobytes_and_goes_on(shop: Shop) -> None:
    for number in range(12):
        shop.write(f"lib/part{number}.js", f"exports.part{number} = function () {{\n  return {number};\n}};\n")
    shop.commit()
    for number in range(12):
        shop.replace(f"lib/part{number}.js", f"return {number};", f"return {number} + {'1 + ' * 60}1;")
    reply = shop.why(shop.record(TOTAL_FAILS.replace("0.3 == 3", "0.3 == 3 " * 200)))
    assert (reply["total"], 0 < reply["shown"] < 12) == (12, True)
    after = next(command for command in reply["next"] if "--after" in command)
    assert shop.run(*shlex.split(after)).json["results"][0]["n"] == reply["shown"] + 1


def test_a_test_that_moved_since_the_run_is_found_by_its_name(shop: Shop) -> None:
    step = shop.record()
    shop.replace("lib/money.js", "/ 100", "/ 1000")
    shop.replace("test/till.test.js", "describe('Till'", "\n\n\n\n\n\ndescribe('Till'")
    reply = shop.why(step)
    assert [problem["file"] for problem in reply["warnings"]] == ["test/till.test.js"]
    assert (reply["failure"]["line"], reply["results"][0]["name"]) == (11, "rounded")


def test_what_cannot_be_asked_is_told_with_what_can(shop: Shop) -> None:
    passed = shop.record(PASSES, status=0)
    told = shop.run("clew", "why", passed, "--json")
    assert (told.status, told.error["code"], told.error["hint"]) == (3, "no_subject", f"clew show {passed}")
    shop.replace("lib/money.js", "/ 100", "/ 1000")
    failed = shop.record()
    asked = shop.why(failed)["step"]
    other = shop.run("clew", "why", asked, "--json")
    assert (other.status, other.error["code"]) == (2, "invalid_request")
    assert shop.run(*shlex.split(other.error["hint"])).json["recording"] == failed
    assert shop.run("clew", "why", f"{failed}.9", "--json").error["code"] == "invalid_request"
    assert shop.run("clew", "why", "nothing#1", "--json").status == 3
    searched = shop.ask("--session-start", "empty", "--search", "rounded")["step"]
    assert shop.run("clew", "why", searched, "--json").error["code"] == "no_subject"
    assert shop.run("clew", "why", failed, "--since", "no-such-branch", "--json").error["code"] == "revision_not_found"


def test_every_door_gives_the_same_answer_and_nothing_is_run_again(shop: Shop) -> None:
    shop.replace("lib/money.js", "/ 100", "/ 1000")
    step = shop.record()
    asked = json.dumps({"op": "why", "target": step})

    async def over_mcp() -> list[str]:
        async with in_memory(shop) as client:
            replies = [
                await ask(client, "ask_code", op="why", targets=["@1"], **{"from": step}),
                await ask(client, "ask_code", op="why", **{"from": "fix"}),
            ]
        return [reply["results"][0]["name"] for reply in replies]

    names = [
        shop.why(step)["results"][0]["name"],
        shop.why("fix")["results"][0]["name"],
        shop.ask("--from", "fix", "--why")["results"][0]["name"],
        shop.run("clew", "ask", "--from", "fix", stdin=asked).json["results"][0]["name"],
        *asyncio.run(over_mcp()),
    ]
    assert names == ["rounded"] * 6
    assert shop.times_run() == 1


def test_what_follows_is_about_the_first_suspect(shop: Shop) -> None:
    shop.replace("lib/money.js", "/ 100", "/ 1000")
    (subject,) = shop.why(shop.record())["subject"]
    assert subject.startswith("lib/money.js::rounded:3:10~")
    callers = shop.ask("--from", "fix", "--callers")
    assert [row["within"]["name"] for row in callers["results"]] == ["Till#total"]


def test_a_reader_sees_chain_and_lines(shop: Shop) -> None:
    shop.replace("lib/money.js", "/ 100", "/ 1000")
    text = shop.run("clew", "why", shop.record()).out.splitlines()
    at = next(number for number, line in enumerate(text) if line.startswith("@1 "))
    assert text[at].startswith("@1 lib/money.js::rounded:3:10~")
    assert text[at].endswith("rounded change=constant score=1.0 failing=1/1 passing=0/2")
    assert text[at + 1 : at + 5] == [
        "  - return Math.round(sum * 100) / 100;",
        "  + return Math.round(sum * 100) / 1000;",
        "  test/till.test.js:8 call lib/till.js::Till#total",
        "  lib/till.js:21 call lib/money.js::rounded",
    ]
