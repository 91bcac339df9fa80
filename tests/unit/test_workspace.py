"""A workspace: its root, its identity, its paths."""

import os
from pathlib import Path

import pytest
from trees import plant

from clew.errors import NoSuchFile, OutsideWorkspace, UsageError
from clew.git import head
from clew.workspace import Workspace, find_root, state_folder

COMMIT = "0123456789012345678901234567890123456789"


def test_the_root_is_the_nearest_folder_with_clew_then_with_git_then_here(tmp_path: Path) -> None:
    plant(tmp_path, {"a/.clew/": "", "a/b/.git/": "", "a/b/c/": "", "d/.git": "gitdir: elsewhere", "d/e/": ""})
    assert find_root(None, str(tmp_path / "a/b/c")) == str(tmp_path / "a")
    (tmp_path / "a/.clew").rmdir()
    assert find_root(None, str(tmp_path / "a/b/c")) == str(tmp_path / "a/b")
    assert find_root(None, str(tmp_path / "d/e")) == str(tmp_path / "d")
    assert find_root("../c", str(tmp_path / "a/b/c")) == str(tmp_path / "a/b/c")
    with pytest.raises(UsageError, match="no such folder"):
        find_root("missing", str(tmp_path))


def test_the_state_folder_ignores_itself(tmp_path: Path) -> None:
    folder = state_folder(str(tmp_path))
    assert folder == str(tmp_path / ".clew")
    assert Path(folder, ".gitignore").read_text() == "*\n"
    assert Path(folder).stat().st_mode & 0o777 == 0o700


def test_a_root_that_cannot_be_written_keeps_its_state_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = plant(tmp_path / "tree", {".clew": "a file is in the way", "a.js": "const a = 1"})
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "states"))
    workspace = Workspace.open(str(root))
    assert [file.path for file in workspace.generation.files()] == ["a.js"]
    assert Path(workspace.state).parent == tmp_path / "states" / "clew"
    assert state_folder(str(root)) == workspace.state
    assert state_folder(str(plant(tmp_path / "other", {".clew": ""}))) != workspace.state


def test_a_workspace_is_someone_and_stays_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLEW_WORKSPACE", raising=False)
    identity = Workspace.open(str(tmp_path)).identity
    assert Workspace.open(str(tmp_path)).identity == identity
    assert len(identity) == 32
    monkeypatch.setenv("CLEW_WORKSPACE", "fleet")
    assert Workspace.open(str(tmp_path)).identity == "fleet"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"tree/.git/HEAD": COMMIT}, COMMIT),
        ({"tree/.git/HEAD": "ref: refs/heads/main\n", "tree/.git/refs/heads/main": f"{COMMIT}\n"}, COMMIT),
        ({"tree/.git/HEAD": "ref: refs/heads/main\n", "tree/.git/packed-refs": f"# pack-refs\n{COMMIT} refs/heads/main\n"}, COMMIT),
        ({"tree/.git/HEAD": "ref: refs/heads/unborn\n"}, None),
        (
            {
                "tree/.git": "gitdir: ../main/.git/worktrees/tree\n",
                "main/.git/worktrees/tree/HEAD": "ref: refs/heads/side\n",
                "main/.git/worktrees/tree/commondir": "../..\n",
                "main/.git/refs/heads/side": COMMIT,
            },
            COMMIT,
        ),
        ({"tree/a.js": ""}, None),
    ],
)
def test_head_is_read_without_git(tmp_path: Path, files: dict[str, str], expected: str | None) -> None:
    plant(tmp_path, {**files, "tree/deep/": ""})
    assert head(str(tmp_path / "tree" / "deep")) == expected


def test_a_path_is_looked_up_from_here_then_from_the_root(tmp_path: Path) -> None:
    root = plant(tmp_path / "tree", {"lib/a.js": "", "a.js": "", "lib/only.js": ""})
    workspace = Workspace.open(str(root))
    assert workspace.resolve_path("a.js", str(root / "lib")) == "lib/a.js"
    assert workspace.resolve_path("lib/a.js", str(root / "lib")) == "lib/a.js"
    assert workspace.resolve_path("../a.js", str(root / "lib")) == "a.js"
    assert workspace.resolve_path(str(root / "lib/only.js"), str(tmp_path)) == "lib/only.js"
    assert workspace.resolve_path("lib", str(root)) == "lib"


def test_a_path_that_is_not_there_comes_with_near_names(tmp_path: Path) -> None:
    workspace = Workspace.open(str(plant(tmp_path / "tree", {"lib/response.js": "", "lib/request.js": "", "test/res.js": ""})))
    with pytest.raises(NoSuchFile) as caught:
        workspace.resolve_path("lib/respons.js", workspace.root)
    assert caught.value.candidates == ("lib/response.js", "test/res.js")
    with pytest.raises(NoSuchFile) as caught:
        workspace.resolve_path("src/request.js", workspace.root)
    assert caught.value.candidates[0] == "lib/request.js"


def test_a_path_that_leaves_the_workspace_is_refused(tmp_path: Path) -> None:
    root = plant(tmp_path / "tree", {"a.js": ""})
    plant(tmp_path, {"secret.js": ""})
    (root / "link.js").symlink_to(tmp_path / "secret.js")
    workspace = Workspace.open(str(root))
    for path in ("../secret.js", str(tmp_path / "secret.js"), "link.js", "/etc/passwd"):
        with pytest.raises(OutsideWorkspace):
            workspace.resolve_path(path, str(root))
    (root / "inner.js").symlink_to(root / "a.js")
    assert workspace.relative(os.fspath(root / "inner.js")) == "inner.js"
