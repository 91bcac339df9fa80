"""Small trees of files for tests, and what an index says of one."""

from collections.abc import Mapping
from pathlib import Path

from clew.index.generation import Generation
from clew.index.opening import Index
from clew.index.rows import ASSET, CODE, TEXT


def plant(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes files below a root; a path that ends with `/` is an empty folder."""
    for path, content in files.items():
        target = root / path
        if path.endswith("/"):
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def index_of(root: Path, state: Path) -> Index:
    """An index of `root` that keeps its database in `state`."""
    state.mkdir(parents=True, exist_ok=True)
    return Index(str(root), str(state))


def said(generation: Generation, names: tuple[str, ...] = ()) -> dict[str, object]:
    """Everything a generation says, by path instead of by number."""
    path = generation.path_of
    files = [(file.path, file.digest, file.flags) for file in generation.files(CODE | TEXT | ASSET)]
    edges = [
        (
            path(edge.importer),
            edge.row,
            edge.specifier,
            edge.kind,
            edge.type_only,
            edge.lazy,
            edge.package,
            edge.path,
            edge.target is not None and path(edge.target),
        )
        for edge in generation.edges()
    ]
    found = {name: [path(file) for file in generation.with_name(name)] for name in names}
    searched = {name: [(path(hit.file), hit.row, hit.name, hit.match) for hit in generation.search([name])] for name in names}
    return {
        "files": files,
        "edges": edges,
        "prose": [(path(file), generation.markdown(file)) for file in generation.prose_files()],
        "names": found,
        "searched": searched,
        "warnings": [(problem.file, problem.code, problem.line) for problem in generation.warnings],
        "digest": generation.manifest_digest(),
    }
