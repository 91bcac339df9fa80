"""Is a folder on a network drive? There SQLite's log has no shared memory, and locks may lie."""

from __future__ import annotations

import os

NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "fuse.sshfs", "fuse.s3fs", "glusterfs", "fuse.glusterfs"})


def network_file_system(path: str, mounts: str = "/proc/self/mounts") -> str | None:
    """The kind of network file system `path` lies on; None when it is local, or when the system does not tell (not Linux)."""
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as file:
            lines = [line.split() for line in file]
    except OSError:
        return None
    real = os.path.realpath(path)
    below = [(fields[1], fields[2]) for fields in lines if len(fields) > 2 and _inside(real, fields[1])]  # noqa: PLR2004 - device, place, kind
    kind = max(below, key=lambda mount: len(mount[0]), default=("", ""))[1]
    return kind if kind in NETWORK else None


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
