"""Does what a guide tells its readers to do.  usage: guide.py GUIDE.md SITE.json

The guide's ```sh blocks run in their order in one root shell with `set -eu`. A ```text block right behind one is what
both its outputs have to say, where "…" stands for anything within a line, and a line of its own for any lines. What
readers know without being told stands before a block, where they do not see it:

    <!-- tried: type WORDS -->   typed at the prompts, one line for each of these; WORDS has no blanks
    <!-- tried: wait -->         repeated until it succeeds and says what it should
    <!-- tried: fails -->        it has to fail
    <!-- tried: as NAME -->      SITE.json has under "instead" what is done here

"replace" of SITE.json has what is called otherwise here than in the guide. Ends with 1 after the first block that does
not do what the guide says.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

PATIENCE = 30  # seconds; less than who runs this has
BLOCK = re.compile(
    r"(?P<tried>(?:^<!-- tried: [^\n]* -->\n)*)^```sh\n(?P<script>.*?)^```\n(?:\n```text\n(?P<expected>.*?)^```\n)?", re.M | re.S)


class Shell:
    """One shell for all blocks: what a block sets, the next one has."""

    def __init__(self, folder):
        self.folder = folder
        reports, shell_end = os.pipe()
        self.reports = os.fdopen(reports)
        environment = {"HOME": "/root", "LANG": "C.UTF-8", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.process = subprocess.Popen(["/bin/sh", "-eu"], stdin=subprocess.PIPE, text=True, env=environment, cwd="/root",
                                        pass_fds=[shell_end])
        self.report = f"echo $? >&{shell_end}"
        os.close(shell_end)

    def file(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, "w") as file:
                file.write(text)
        return path

    def run(self, script, typed, tolerant):
        """Whether it succeeded, and what it said. Only where that is tolerated does the shell outlive a failure."""
        run = f". {self.file('script', script)} >{self.file('output')} 2>&1 <{self.file('typed', typed)}"
        # Not "( … ) || …", before which the shell would let failures within pass.
        line = f"set +e; ( set -e; {run} ); {self.report}; set -e" if tolerant else f"{run}; {self.report}"
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        status = self.reports.readline().strip()
        with open(self.file("output")) as file:
            return status == "0", file.read()


def pattern_of(expected):
    lines = [r"(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n"
             for line in expected.splitlines()]
    return re.compile("".join(lines))


class Block:
    def __init__(self, text, match, site):
        self.line = text.count("\n", 0, match.start("script"))
        self.script = match["script"]
        self.expected = match["expected"]
        self.typed, self.waits, self.fails = "", False, False
        for what in re.findall(r"tried: (.*) -->", match["tried"]):
            verb, *rest = what.split()
            if verb == "type":
                self.typed = "".join(word + "\n" for word in rest)
            elif verb == "wait":
                self.waits = True
            elif verb == "fails":
                self.fails = True
            elif verb == "as":
                self.script = site["instead"].pop(rest[0])
            else:
                raise ValueError(f"line {self.line}: nobody knows how to try “{what}”")

    def is_right(self, succeeded, said):
        return succeeded != self.fails and (self.expected is None or bool(pattern_of(self.expected).fullmatch(said)))

    def run(self, shell):
        end = time.monotonic() + PATIENCE
        while True:
            succeeded, said = shell.run(self.script, self.typed, tolerant=self.waits or self.fails)
            if self.is_right(succeeded, said):
                return said
            if not self.waits or time.monotonic() > end:
                break
            time.sleep(0.05)
        outcome = "succeeds" if succeeded else "fails"
        expectation = "" if self.expected is None else f"It should say:\n{self.expected}"
        sys.exit(f"The block at line {self.line} {outcome}:\n{self.script}It says:\n{said}{expectation}")


def main(guide, site):
    with open(site) as file:
        site = json.load(file)
    with open(guide) as file:
        text = file.read()
    for word, here in site["replace"].items():
        if word not in text:
            sys.exit(f"{guide} no longer has “{word}”")
        text = text.replace(word, here)
    blocks = [Block(text, match, site) for match in BLOCK.finditer(text)]
    used = ["```sh\n" for block in blocks] + ["```text\n" for block in blocks if block.expected is not None]
    used += re.findall("<!-- tried: ", "".join(match["tried"] for match in BLOCK.finditer(text)))
    if sorted(used) != sorted(re.findall("^```sh\n|^```text\n|^<!-- tried: ", text, re.M)) or site["instead"]:
        sys.exit(f"of {guide} something would be left out: a block, what it says, how it is tried, or {site['instead']}")
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(folder)
        for block in blocks:
            begin = time.monotonic()
            said = block.run(shell)
            print(f"line {block.line}, {time.monotonic() - begin:.2f} s:\n{said}", flush=True)
    print(f"{len(blocks)} blocks do what they should")


main(*sys.argv[1:])
