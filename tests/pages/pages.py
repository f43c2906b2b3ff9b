"""Compares the manual pages and the completions with the programs, both ways.  usage: pages.py SSPID SSPICTL SOURCE"""
import json
import os
import re
import subprocess
import sys

sspid, sspictl, source = sys.argv[1:]
complaints = []


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def page(name):
    with open(f"{source}/docs/man/{name}") as file:
        return file.read()


def compare(what, described, real):
    for name in sorted(real - described):
        complaints.append(f"{what} does not mention {name}")
    for name in sorted(described - real):
        complaints.append(f"{what} has {name}, which does not exist")


def options_in_help(*command):
    return set(re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", output_of(*command, "--help"), re.M))


def commands_in_help():
    return set(re.findall(r"^  ([a-z][a-z-]*)", output_of(sspictl, "--help").partition("Subcommands:")[2], re.M))


def options_in_page(text):
    items = re.findall(r"^\.It (?:Fl|Cm) .*", text, re.M)
    return {"--" + name for item in items for name in re.findall(r"Fl -([a-z-]+)", item)}


def commands_in_page(text):
    return set(re.findall(r"^\.It Cm ([a-z-]+)", text.partition(".Sh COMMANDS")[2].partition(".Sh OPTIONS")[0], re.M))


def keys_in_schema(node):
    if isinstance(node, list):
        return set().union(*map(keys_in_schema, node))
    if not isinstance(node, dict):
        return set()
    # A branch of "anyOf" says again what stands elsewhere.
    own = set(node["properties"]) if isinstance(node.get("properties"), dict) else set()
    return own.union(*map(keys_in_schema, node.values())) if node else own


def keys_in_page(text):
    keys = set()
    for line in re.findall(r"^(?:\.It )?\.?Cm (.*)", text, re.M):
        for word in line.split():
            keys.update(part for part in word.split(".") if re.fullmatch(r"[a-z0-9_]+", part))
    return keys


def completions(program, words):
    """What bash offers after these words, the last of which is begun."""
    script = r"""
        . /usr/share/bash-completion/bash_completion || exit 1
        . "$1/packaging/completions/${2##*/}.bash"
        function=_${2##*/}
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
        $function "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    """
    return set(output_of("bash", "-c", script, "bash", source, program, *words).split())


def check_format(name):
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", f"{source}/docs/man/{name}"],
                          capture_output=True, text=True)
    complaints.extend(lint.stdout.splitlines())


for name in sorted(os.listdir(f"{source}/docs/man")):
    check_format(name)

commands = commands_in_help()
sspictl_options = options_in_help(sspictl).union(*(options_in_help(sspictl, command) for command in commands))
compare("sspid(8)", options_in_page(page("sspid.8")), options_in_help(sspid))
compare("sspictl(1)", options_in_page(page("sspictl.1")), sspictl_options)
compare("sspictl(1)", commands_in_page(page("sspictl.1")), commands)
with open(f"{source}/daemon/supervisor/sspid.schema.json") as file:
    compare("sspid.json(5)", keys_in_page(page("sspid.json.5")), keys_in_schema(json.load(file)))

compare("completion of sspid", completions(sspid, ["--"]), options_in_help(sspid))
compare("completion of sspictl", completions(sspictl, ["--"]), options_in_help(sspictl))
compare("completion of sspictl", completions(sspictl, ["--json", ""]), commands)
for command in commands:
    missing = options_in_help(sspictl, command) - completions(sspictl, [command, "--"])
    complaints.extend(f"completion of sspictl {command} does not offer {option}" for option in missing)

print("\n".join(complaints) or "pages, completions and programs agree")
sys.exit(1 if complaints else 0)
