#!/usr/bin/env python3
"""Compares the functions of the public headers with what the library exports, and with who else lists them all.

usage: symbols.py SOURCE_DIRECTORY NM LIBRARY
"""

import importlib.machinery
import importlib.util
import pathlib
import re
import subprocess
import sys


def generator(root):
    loader = importlib.machinery.SourceFileLoader("function_table", str(root / "tools" / "generate-function-table"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def exported(nm, library):
    """The library's dynamic symbols, without the version's own name (an absolute symbol)."""
    listing = subprocess.run([nm, "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    fields = [line.split() for line in listing.splitlines()]
    return {symbol.split("@")[0] for *_, kind, symbol in fields if kind != "A"}


def mentioned(path, pattern):
    return set(re.findall(pattern, path.read_text(), re.MULTILINE))


def main():
    root, nm, library = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    sys.dont_write_bytecode = True
    tables = generator(root)
    declared = {name for name, _, _ in tables.function_table()}
    unsupported = set(tables.unsupported_functions((root / "client-lib" / "calls" / "unsupported.cpp").read_text()))
    abi = root / "tests" / "abi"
    calls = r"^  (?:UNSUPPORTED|UNSUPPORTED_WIN32|NO|NOTHING)\(\s*(\w+)\("
    lists = (
        ("the headers", declared, "the library's symbols", exported(nm, library)),
        ("the headers", declared, "client-lib/sspi.map", mentioned(root / "client-lib" / "sspi.map", r"^    (\w+);")),
        ("the headers", declared, "tests/abi/c_client.c", mentioned(abi / "c_client.c", r"\bEXPORT\((\w+)\),")),
        ("calls/unsupported.cpp", unsupported, "tests/abi/unsupported.c", mentioned(abi / "unsupported.c", calls)),
    )
    differences = 0
    for one, left, other, right in lists:
        for names, place in ((left - right, one), (right - left, other)):
            for name in sorted(names):
                print(f"{name}: in {place} only ({one} against {other})")
                differences += 1
    sys.exit(differences != 0)


if __name__ == "__main__":
    main()
