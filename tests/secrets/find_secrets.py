#!/usr/bin/env python3
"""Looks for the passwords and keys of a test run in all that its daemons wrote.

usage: find_secrets.py RESULTS [FILE ...]     searches RESULTS/logs and the files for what RESULTS/secrets names
       find_secrets.py --self-test            shows that a secret is found, in whatever dress, and an empty search fails

RESULTS/secrets/*.txt: one secret a line, in hexadecimal. Ends with 0 when none was found, 1 when one was, 2 when there
was nothing to search or nothing to look for: then nothing is shown.
"""
import base64
import json
import pathlib
import subprocess
import sys
import tempfile

# Every daemon says so when it starts.
HARMLESS = b"listening on "


def dresses(secret):
    """The secret as it may stand in a text."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    yield base64.b64encode(secret).rstrip(b"=")
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return
    yield text.encode("utf-16-le")
    yield text.encode("unicode_escape")
    yield json.dumps(text)[1:-1].encode()


# What tests say as a password that is nobody's, and in their prose as well.
WORDS = {"wrong", "secret"}


def is_telling(secret):
    """Whether only a leak can have brought it where it is found: a long row of one letter may also be a name."""
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return True
    return len(set(text)) >= 4 and text not in WORDS


def read_secrets(directory):
    secrets = set()
    for file in sorted(directory.glob("*.txt")):
        secrets.update(bytes.fromhex(line) for line in file.read_text().split())
    return {secret for secret in secrets if is_telling(secret)}


def holds_any(file, patterns):
    """grep looks for all of them at once; there are tens of thousands."""
    return subprocess.run(["grep", "-aqF", "-f", patterns, file], env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}, check=False).returncode == 0


def find(secrets, files):
    """What was found: pairs of file and secret."""
    needles = {dress: secret for secret in secrets for dress in dresses(secret)}
    of_a_line = [needle for needle in needles if needle and not set(needle) & set(b"\n\0")]
    others = {needle: secret for needle, secret in needles.items() if set(needle) & set(b"\n\0")}
    found = []
    with tempfile.NamedTemporaryFile() as patterns:
        patterns.write(b"\n".join(of_a_line) + b"\n" if of_a_line else b"")
        patterns.flush()
        for file in files:
            content = file.read_bytes()
            wanted = needles if of_a_line and holds_any(file, patterns.name) else others
            found += [(file, secret) for needle, secret in wanted.items() if needle and needle in content]
    return sorted(set(found))


def search(results, more):
    secrets = read_secrets(results / "secrets")
    logs = sorted((results / "logs").glob("*.txt"))
    # A log of nothing is that of a daemon which came to no start, and is kept for nobody.
    logs = [log for log in logs if log.stat().st_size > 0]
    if not logs or not any(HARMLESS in log.read_bytes() for log in logs):
        print(f"no log of a daemon in {results}/logs: nothing is shown")
        return 2
    if not secrets:
        print(f"no secret in {results}/secrets: nothing is shown")
        return 2
    found = find(secrets, logs + more)
    for file, secret in found:
        print(f"{file} holds a secret that begins with {secret[:2]!r} and has {len(secret)} bytes")
    print(f"{len(logs)} logs and {len(more)} other files, {len(secrets)} secrets, {len(found)} found")
    return 1 if found else 0


def self_test():
    secret, key = "pässwörd-\U0001f511-planted".encode(), bytes(range(200, 232))

    def ends_with(wanted, log, secrets, more=b""):
        with tempfile.TemporaryDirectory() as name:
            results = pathlib.Path(name)
            for kind in ("logs", "secrets"):
                (results / kind).mkdir()
            if log is not None:
                (results / "logs" / "sspid-1.txt").write_bytes(log)
            (results / "secrets" / "test-1.txt").write_text("".join(s.hex() + "\n" for s in secrets))
            (results / "more").write_bytes(more)
            status = search(results, [results / "more"])
            assert status == wanted, (status, wanted, log)

    harmless = b"2026-01-01 info supervisor[1] listening on /run/sspid/sspid.sock\n"
    for planted in (secret, key):
        for dress in dresses(planted):
            ends_with(1, harmless + b"x" + dress + b"y\n", [secret, key])
            ends_with(1, harmless, [secret, key], more=dress)
    ends_with(0, harmless, [secret, key])
    ends_with(2, None, [secret])
    ends_with(2, b"", [secret])
    ends_with(2, b"of some other program\n", [secret])
    ends_with(2, harmless, [])
    print("self-test passed")
    return 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if not arguments:
        print(__doc__)
        return 2
    return search(pathlib.Path(arguments[0]), [pathlib.Path(name) for name in arguments[1:]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
