"""The JSON schema and sspid --check-config say the same of every document below, and of the examples in the documentation.

usage: schema.py SSPID SCHEMA DOCUMENTATION...
"""
import json
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    sys.exit("the module jsonschema is missing: install python3-jsonschema")


def service(**keys):
    return {"services": {"web": {"socket": "/run/web.sock", **keys}}}


GOOD = [
    {},
    {"users": {}},
    {"users": {"serve": False}},
    {"users": {"initiate": True, "accept": True, "packages": ["NTLM"], "session_key": "deny", "quotas": {"contexts": 1}}},
    {"services": {}},
    {"services": {"a": {"match": {"user": "0"}}}},
    {"services": {"a": {"match": {"group": "root", "unit": "x.service", "executable": "/bin/x"}}}},
    {"services": {"a-b_c.d": {"socket": "/s", "match": {"unit": "x.service"}}}},
    service(socket={"path": "/s", "owner": "root", "group": "0", "mode": "0660"}),
    service(socket={"path": "/s", "mode": "7"}),
    service(accept={"keytab": "/k"}),
    service(accept={"keytab": "/k", "principals": ["HTTP/www", "HTTP/www@A.TEST"]}),
    service(initiate={}),
    service(initiate={"client_keytab": "/k", "principal": "p", "targets": ["ldap/*"]}),
    service(delegate={"s4u2self": True, "s4u2proxy": ["a"], "forwarded": []}),
    service(ntlm={"users_file": "/u", "default_user": "*"}),
    service(packages=["Kerberos"], session_key="allow"),
    service(quotas={"connections": 1, "contexts": 1, "memory_mib": 16, "requests_per_second": 1000000000}),
    {"ntlm": {}},
    {"ntlm": {"users_file": "/u", "default_user": "A\\b"}},
    {"packages": {"offer": ["kerberos", "X"], "mechanisms": {"X": {"oid": "1.2.3", "comment": "c"}}}},
    {"workers": {"first_uid": 1, "last_uid": 1000000000}, "admin": {"group": "root", "socket": "/run/admin.sock"}},
]

BAD = [
    [],
    "text",
    {"user": {}},
    {"users": []},
    {"users": {"serve": 1}},
    {"users": {"session_key": "maybe"}},
    {"users": {"targets": []}},
    {"users": {"quotas": {"contexts": 0}}},
    {"users": {"quotas": {"contexts": 1.5}}},
    {"users": {"quotas": {"contexts": "1"}}},
    {"users": {"quotas": {"memory_mib": 15}}},
    {"users": {"quotas": {"cpu": 1}}},
    {"services": {"a": {}}},
    {"services": {"": {"socket": "/s"}}},
    {"services": {".a": {"socket": "/s"}}},
    {"services": {"a b": {"socket": "/s"}}},
    {"services": {"a" * 65: {"socket": "/s"}}},
    {"services": {"a": {"match": {}}}},
    {"services": {"a": {"match": {"unit": "x.service"}}}},
    {"services": {"a": {"match": {"executable": "/bin/x", "unit": "x.service"}}}},
    {"services": {"a": {"match": {"user": 0}}}},
    {"services": {"a": {"match": {"user": ""}}}},
    service(socket="relative"),
    service(socket=""),
    service(socket={}),
    service(socket={"path": "/s", "mode": "0888"}),
    service(socket={"path": "/s", "mode": "1777"}),
    service(socket={"path": "/s", "mode": 432}),
    service(accept={}),
    service(accept={"keytab": "relative"}),
    service(accept={"keytab": "/k", "principals": "HTTP/www"}),
    service(accept={"keytab": "/k", "principals": [""]}),
    service(initiate={"principal": "p"}),
    service(initiate=True),
    service(delegate={"s4u2self": "yes"}),
    service(ntlm={"default_user": "*"}),
    service(keytab="/k"),
    {"ntlm": {}, "users": {}},
    {"ntlm": {}, "services": {}},
    {"ntlm": {"default_user": "*"}},
    {"packages": {"offer": "NTLM"}},
    {"packages": {"mechanisms": {"X": {}}}},
    {"packages": {"mechanisms": {"X": {"oid": "1"}}}},
    {"packages": {"mechanisms": {"X": {"oid": "1.x"}}}},
    {"packages": {"mechanisms": {"ntlm": {"oid": "1.2"}}}},
    {"packages": {"mechanisms": {"a,b": {"oid": "1.2"}}}},
    {"workers": {"first_uid": 0}},
    {"admin": {"group": ""}},
    {"admin": {"user": "root"}},
    {"admin": {"socket": ""}},
]


def examples(documentation):
    """Those of whole configurations; users and groups of an example need not exist here."""
    with open(documentation, encoding="utf-8") as text:
        found = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text.read(), re.DOTALL)]
    assert found, f"{documentation} has no examples any more"
    return found


def daemon_says(sspid, document):
    with tempfile.TemporaryDirectory() as folder:
        file = folder + "/sspid.json"
        with open(file, "w", encoding="utf-8") as out:
            json.dump(document, out)
        checked = subprocess.run([sspid, "--check-config", "--config", file], capture_output=True, text=True, check=False)
        return checked.returncode == 0, checked.stderr


def main(sspid, schema_file, *documentation):
    with open(schema_file, encoding="utf-8") as text:
        schema = json.load(text)
    validator = jsonschema.Draft202012Validator
    validator.check_schema(schema)
    wrong = 0
    for expected, documents in ((True, GOOD), (False, BAD)):
        for document in documents:
            by_schema = validator(schema).is_valid(document)
            by_daemon, said = daemon_says(sspid, document)
            if by_schema != expected or by_daemon != expected:
                wrong += 1
                print(f"{json.dumps(document)}: expected {expected}, schema {by_schema}, sspid {by_daemon} {said}")
    for text in documentation:
        for document in examples(text):
            if errors := list(validator(schema).iter_errors(document)):
                wrong += 1
                print(f"{text}: {errors[0].message}")
    print(f"{len(GOOD)} good and {len(BAD)} bad documents, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
