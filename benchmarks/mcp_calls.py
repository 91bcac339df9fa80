"""What the server of the Model Context Protocol costs over its verbs.

    python benchmarks/mcp_calls.py TREE [--calls 10000] [--clients 50] [--each 100] [--only cold|warm|many|crowd]

A cold server until its first answer, beside an empty interpreter; warm calls over standard input beside the same verb called in this
process, by turns; memory, descriptors and what is stored over many calls; many clients at once over HTTP on one session, of which no step
may be missing.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import IO, Any, cast

from clew.mcp.replies import answer
from clew.mcp.tools import ask_code
from clew.running.opening import open_sessions
from clew.workspace import Workspace
from measuring import Failed

META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
SERVE = [sys.executable, "-c", "from clew.cli.clew import main; main()", "mcp"]
TOKEN = "a token of the benchmark"  # noqa: S105 - ours
NAMES = ("render", "send", "create", "get", "parse", "update", "options", "index", "handle", "error")
STARTS = 5
WARM_UP = 100
MILLISECONDS = 1000
REVISION = "2026-07-28"


def environ() -> dict[str, str]:
    """Where compiled modules may not be kept, every start compiles all of them, and nothing else is measured."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE" and not name.startswith("CLEW_")}
    return {**own, "CLEW_MCP_TOKEN": TOKEN}


def request(number: int, tool: str, arguments: dict[str, Any]) -> bytes:
    """One call as a line."""
    params = {"name": tool, "arguments": arguments, "_meta": META}
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}).encode() + b"\n"


class Stdio:
    """A server on pipes."""

    def __init__(self, tree: Path) -> None:
        self.process = subprocess.Popen(SERVE, cwd=tree, env=environ(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._asked, self._said = cast("IO[bytes]", self.process.stdin), cast("IO[bytes]", self.process.stdout)
        self._number = 0

    def call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """What it answers."""
        self._number += 1
        self._asked.write(request(self._number, tool, arguments))
        self._asked.flush()
        said = json.loads(self._said.readline())
        result: dict[str, Any] = said.get("result") or {}
        if said.get("id") != self._number or not result or result.get("isError"):
            raise Failed(f"{tool} {arguments}: {said}")
        return result

    def resident(self) -> int:
        """Its resident bytes."""
        fields = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu(self) -> float:
        """Seconds that its threads have run."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9

    def descriptors(self) -> int:
        """How many files it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def close(self) -> tuple[float, float]:
        """Its seconds of CPU, as the system counts them."""
        self._asked.close()
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        return usage.ru_utime, usage.ru_stime


def cold(tree: Path) -> None:
    """A server that is started for one answer."""
    elapsed, cpu, empty = [], [], []
    for _ in range(STARTS):
        started = time.perf_counter()
        server = Stdio(tree)
        server.call("search_code", {"query": "render"})
        elapsed.append(time.perf_counter() - started)
        cpu.append(sum(server.close()))
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], env=environ(), check=True)
        empty.append(time.perf_counter() - started)
    print(f"cold, first answer: {min(elapsed):.2f} s least, {median(elapsed):.2f} s median, {min(cpu):.2f} s CPU")
    print(f"  {min(elapsed) / min(empty):.0f}x an empty interpreter ({min(empty) * MILLISECONDS:.0f} ms)")


def warm(tree: Path, calls: int) -> None:
    """The same question through the server and by its verb, by turns."""
    workspace = Workspace.open(str(tree))
    sessions = open_sessions(workspace, {})
    server = Stdio(tree)
    over: list[float] = []
    alone: list[float] = []
    cpu_over: list[float] = []
    cpu_alone: list[float] = []
    for number in range(-WARM_UP, calls):
        arguments = {"op": "search", "args": {"terms": [NAMES[number % len(NAMES)]], "noRecord": True, "noCache": True}}
        had = server.cpu()
        started = time.perf_counter()
        server.call("ask_code", arguments)
        middle = time.perf_counter()
        used = server.cpu() - had
        before, begun = time.process_time(), time.perf_counter()
        answer(ask_code(workspace, sessions, {}, arguments))
        ended, after = time.perf_counter(), time.process_time()
        if number >= 0:
            over.append((middle - started) * MILLISECONDS)
            alone.append((ended - begun) * MILLISECONDS)
            cpu_over.append(used * MILLISECONDS)
            cpu_alone.append((after - before) * MILLISECONDS)
    server.close()
    sessions.close()
    for what, values in (("server", over), ("verb", alone), ("server, CPU", cpu_over), ("verb, CPU", cpu_alone)):
        print(f"warm, {what}: {median(values):.2f} ms median, {last_of_hundred(values):.2f} ms p99 of {len(values)}")
    more = f"{median(over) - median(alone):.2f} ms median, {last_of_hundred(over) - last_of_hundred(alone):.2f} ms p99"
    print(f"  over the verb: {more}; {median(over) / median(alone):.2f}x")
    more = f"{median(cpu_over) - median(cpu_alone):.2f} ms median, {last_of_hundred(cpu_over) - last_of_hundred(cpu_alone):.2f} ms p99"
    print(f"  over the verb, CPU: {more}; {median(cpu_over) / median(cpu_alone):.2f}x")


def last_of_hundred(values: list[float]) -> float:
    """The 99th percentile."""
    return quantiles(values, n=100)[98]


def many(tree: Path, calls: int) -> None:
    """Memory, descriptors and the state folder, from a tenth of the calls to all of them; every third call is recorded."""
    server = Stdio(tree)
    server.call("search_code", {"query": NAMES[0], "session": "bench"})
    looked: dict[int, int] = {}
    started = time.perf_counter()
    for number in range(1, calls + 1):
        name, op = NAMES[number % len(NAMES)], ("search", "references", "callers")[number // 3 % 3]
        args: dict[str, Any] = {"limit": 5} if number % 3 == 0 else {"limit": 5, "noRecord": True, "noCache": True}
        if op == "search":
            server.call("ask_code", {"op": op, "args": {**args, "terms": [name]}})
        else:
            server.call("ask_code", {"op": op, "targets": ["@1"], "from": "bench#1", "args": args})
        if number in {calls // 10, calls // 2, calls}:
            looked[number] = server.resident()
            state = sum(path.stat().st_size for path in (tree / ".clew").iterdir())
            took = (time.perf_counter() - started) / number * MILLISECONDS
            print(
                f"{number} calls: {looked[number] / 1e6:.0f} MB resident, {server.descriptors()} descriptors, "
                f"{state / 1e6:.1f} MB in .clew, {took:.2f} ms a call",
                flush=True,
            )
    server.close()
    print(f"  memory: {looked[calls] / looked[calls // 10]:.2f}x from {calls // 10} to {calls}")


def crowd(tree: Path, clients: int, each: int) -> None:
    """Many clients on one session over HTTP: every answered step is there once."""
    server = subprocess.Popen([*SERVE, "--http", ":0"], cwd=tree, env=environ(), stderr=subprocess.PIPE, text=True)
    port = int(cast("IO[str]", server.stderr).readline().rpartition(":")[2].partition("/")[0])
    told: list[str] = []
    started = time.perf_counter()

    def one(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        headers = {
            "Authorization": f"Bearer {TOKEN}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": REVISION,
            "Mcp-Method": "tools/call",
            "Mcp-Name": "search_code",
        }
        for call in range(each):
            connection.request("POST", "/mcp", request(call, "search_code", {"query": f"n{number}x{call}", "session": "crowd"}), headers)
            said = json.loads(connection.getresponse().read())
            told.append(said["result"]["structuredContent"]["step"])
        connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    server.terminate()
    server.wait()
    numbers = sorted(int(step.rpartition("#")[2]) for step in told)
    if numbers != list(range(1, clients * each + 1)):
        raise Failed(f"{len(numbers)} answers of {clients * each}, {len(set(numbers))} steps")
    print(f"crowd: {clients} clients x {each} calls, {len(numbers)} steps, none lost, none doubled, {len(numbers) / took:.0f} calls/s")


def main() -> None:
    """Measure on a copy of the tree, so that its sessions stay as they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--each", type=int, default=100)
    parser.add_argument("--only", choices=("cold", "warm", "many", "crowd"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        tree = Path(room) / "tree"
        shutil.copytree(given.tree, tree, symlinks=True, ignore=shutil.ignore_patterns(".clew", "node_modules"))
        Workspace.open(str(tree)).refresh()
        parts: dict[str, Callable[[], None]] = {
            "cold": lambda: cold(tree),
            "warm": lambda: warm(tree, given.calls),
            "many": lambda: many(tree, given.calls),
            "crowd": lambda: crowd(tree, given.clients, given.each),
        }
        for name, part in parts.items():
            if given.only in {None, name}:
                part()


if __name__ == "__main__":
    main()
