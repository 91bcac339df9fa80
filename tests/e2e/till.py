"""A small till with tests, in a git checkout, and a runner of its tests that says what it is told to: no machine needs mocha for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from shell import Shell

TREE = {
    ".gitignore": ".clew\nruns\nsaid.txt\n",
    "package.json": '{"name": "till"}\n',
    "lib/till.js": """\
'use strict';

const { rounded } = require('./money');
const { line } = require('./print');

class Till {
  constructor() {
    this.items = [];
  }

  add(price, count) {
    this.items.push({ price, count });
    return this;
  }

  total() {
    let sum = 0;
    for (const item of this.items) {
      sum += item.price * item.count;
    }
    return rounded(sum);
  }

  receipt() {
    return this.items.map(line).join('\\n');
  }
}

exports.Till = Till;
""",
    "lib/money.js": """\
'use strict';

function rounded(sum) {
  return Math.round(sum * 100) / 100;
}

exports.rounded = rounded;
""",
    "lib/print.js": """\
'use strict';

function line(item) {
  const width = 12;
  return pad(String(item.price), width);
}

function pad(text, width) {
  return text.padStart(width);
}

exports.line = line;
""",
    "lib/stock.js": """\
'use strict';

function inStock(name) {
  return name.length > 3;
}

exports.inStock = inStock;
""",
    "test/till.test.js": """\
const assert = require('assert');
const { Till } = require('../lib/till');

describe('Till', function () {
  it('adds up', function () {
    const till = new Till();
    till.add(1.5, 2);
    assert.equal(till.total(), 3);
  });

  it('prints a line for each item', function () {
    const till = new Till();
    till.add(1.5, 2);
    assert.equal(till.receipt(), '         1.5');
  });

  it('is empty at first', function () {
    assert.deepEqual(new Till().items, []);
  });
});
""",
}
RUNNER = "import sys; open('runs', 'a').write('x'); print(open('said.txt').read()); sys.exit(int(sys.argv[1]))\n"
TOTAL_FAILS = """\
  Till
    1) adds up
    ✔ prints a line for each item
    ✔ is empty at first

  2 passing (9ms)
  1 failing

  1) Till
       adds up:

      AssertionError [ERR_ASSERTION]: 0.3 == 3
      + expected - actual

      -0.3
      +3

      at Context.<anonymous> (test/till.test.js:8:12)
      at process.processImmediate (node:internal/timers:485:21)
"""
BOTH_FAIL = """\
  Till
    1) adds up
    2) prints a line for each item
    ✔ is empty at first

  1 passing (9ms)
  2 failing

  1) Till
       adds up:

      AssertionError [ERR_ASSERTION]: 0.3 == 3
      at Context.<anonymous> (test/till.test.js:8:12)

  2) Till
       prints a line for each item:

      AssertionError [ERR_ASSERTION]: '1.5' == '         1.5'
      at Context.<anonymous> (test/till.test.js:14:12)
"""
PASSES = "  Till\n    ✔ adds up\n\n  1 passing (9ms)\n"


class Shop(Shell):
    """The checkout."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for path, text in TREE.items():
            self.write(path, text)
        self.write("run_tests.py", RUNNER)
        self.git("init", "--quiet")
        self.commit()

    def git(self, *argv: str) -> None:
        """Run git, as nobody in particular."""
        git = shutil.which("git")
        assert git is not None
        who = ["-c", "user.name=till", "-c", "user.email=till@example.org"]
        subprocess.run([git, *who, *argv], cwd=self.folder, env=self.environ(), capture_output=True, check=True)  # noqa: S603 - ours

    def commit(self) -> None:
        """Commit everything as it is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "as it is")

    def replace(self, path: str, old: str, new: str) -> None:
        """Change a text that stands once in a file."""
        before = (self.folder / path).read_text(encoding="utf-8")
        assert before.count(old) == 1
        self.write(path, before.replace(old, new))

    def edit(self, path: str, old: str, new: str) -> str:
        """Change a text that stands once in a file, by an edit of the session; gives the step that wrote it."""
        line = ["--save-session", "fix", "--replace-text", old, "--with", new, "--within", path, "--fix", "--json"]
        reply = self.run("js-edit", *line).json
        assert reply["applied"]
        return str(reply["step"])

    def record(self, said: str = TOTAL_FAILS, *, status: int = 1) -> str:
        """Record the tests; gives the step."""
        self.write("said.txt", said)
        ran = self.run("clew", "record", "--session", "fix", "--json", "--", sys.executable, "run_tests.py", str(status))
        return str(ran.json["step"])

    def why(self, *argv: str) -> dict[str, Any]:
        """`clew why … --json` that must succeed."""
        ran = self.run("clew", "why", *argv, "--json")
        assert (ran.status, ran.err) == (0, ""), ran.out or ran.err
        assert len(ran.out.encode()) <= 2000
        return ran.json

    def suspects(self, *argv: str) -> list[str]:
        """The names of all suspects, the likeliest first."""
        return [row.get("name", row["file"]) for row in self.why(*argv, "--limit", "0", "--fields", "n,name,file")["results"]]

    def times_run(self) -> int:
        """How often the tests ran."""
        return len((self.folder / "runs").read_text(encoding="ascii"))
