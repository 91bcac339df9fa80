"""The input of continued operations, and the refusal of targets that mean nothing."""

from shell import Shell


def test_places_at_the_top_of_files_are_passed_over_beside_definitions(shell: Shell) -> None:
    found = shell.ask("--session-start", "s", "--callers", "heat", "--references", "--match", "all")
    assert [used["target"] for used in found["targets"]] == ["lib/kettle.js::boil"]
    assert found["reused"] == {**found["reused"], "step": "s#1", "used": [1, 2], "of": 2}


def test_a_definition_with_a_name_that_is_no_word_is_found_again(shell: Shell) -> None:
    shell.write(
        "lib/types.js", "class Box { #lid = 1; open() { return this.#lid; } }\nexports.all = { 'text/html; q=0.5'() { return Box; } };\n"
    )
    assert [row["name"] for row in shell.ask("--definition", "lib/types.js::Box##lid")["results"]] == ["Box##lid"]
    found = shell.ask("--session-start", "s", "--text", "return Box", "--definition")
    assert [row["line"] for row in found["results"]] == [2]


def test_a_missing_file_is_no_missing_symbol(shell: Shell) -> None:
    error = shell.refused("--importers", "kettel.js", status=3)
    assert error == {
        "code": "file_not_found",
        "message": f"no file kettel.js below {shell.folder.resolve()}",
        "hint": "js-scan --importers lib/kettle.js --json",
        "candidates": ["lib/kettle.js", "test/kettle.js"],
    }


def test_a_context_key_that_nothing_left_is_put_right(shell: Shell) -> None:
    shell.ask("--session-start", "s", "--search", "heat")
    error = shell.refused("--from", "s", "--callers", "@serch.1", status=3)
    assert (error["code"], error["hint"]) == ("token_unknown", "js-scan --from s --callers @search.1 --json")


def test_a_kind_of_definition_leaves_out_files(shell: Shell) -> None:
    shell.write("lib/heater.js", "exports.on = true;\n")
    assert "file" in {row["kind"] for row in shell.ask("--search", "heater")["results"]}
    assert "file" not in {row["kind"] for row in shell.ask("--search", "heater", "--kind", "function")["results"]}
    assert "file" not in {row["kind"] for row in shell.ask("--search", "heater", "--exported")["results"]}


def test_a_repeated_call_works_on_what_it_first_worked_on(shell: Shell) -> None:
    shell.ask("--session-start", "s", "--search", "heat")
    line = ("--from", "s", "--callers", "--ripple", "--idempotency-key", "once")
    first, again = shell.ask(*line), shell.ask(*line)
    assert (again["step"], again["continuationToken"]) == (first["step"], first["continuationToken"])
    assert shell.steps("s") == ["search", "callers", "ripple"]
    other = shell.refused("--from", "s", "--importers", "--idempotency-key", "once", status=6)
    assert other["code"] == "idempotency_conflict"


def test_a_goal_and_a_pin_need_no_question(shell: Shell) -> None:
    shell.ask("--session-start", "s", "--search", "heat")
    assert shell.ask("--from", "s", "--goal", "warmer", "--pin") == {"operation": "goal", "goal": "s#2", "pinned": "s#3"}
    assert shell.run("clew", "resume", "s", "--json").json["goal"] == "warmer"
