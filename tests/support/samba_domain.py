#!/usr/bin/python3
"""Makes a domain of Active Directory with Samba's own tools, wholly inside a directory, and tells who is in it.

usage: samba_domain.py DIRECTORY KDC_PORT

Realm AD.EXAMPLE.TEST, NetBIOS name AD. Users alice (Alicepw1!), in groups of each kind, one inside another, and bob
(Bobpw1!x), in none, whose account ends in 30 days; the service HTTP/server.ad.example.test with its AES keys in DIRECTORY/server.keytab. Prints JSON:
for each user its SID, its primary group's and those of all its groups, as the directory's own look-up (tokenGroups)
has them, and when password and account end, as the directory computes it, in seconds since 1970 or null for never. The domain controller is started as `samba -i -s DIRECTORY/ad/etc/smb.conf`; nothing but its KDC runs.

Debian's Python, because python3-samba is a module of that one.
"""

import json
import os
import sys

import ldb
from samba.auth import system_session
from samba.credentials import Credentials
from samba.dcerpc import security
from samba.ndr import ndr_unpack
from samba.netcmd.main import cmd_sambatool
from samba.param import LoadParm
from samba.samdb import SamDB

REALM, DOMAIN, BASE = "AD.EXAMPLE.TEST", "AD", "DC=ad,DC=example,DC=test"
SERVICE = "HTTP/server.ad.example.test"
AES_ONLY = "24"  # msDS-SupportedEncryptionTypes; without it service tickets are RC4


def samba_tool(*arguments):
    if cmd_sambatool()._run("samba-tool", *arguments) not in (None, 0):
        sys.exit("samba-tool " + " ".join(arguments) + " failed")


def provision(directory, port):
    run = os.path.join(directory, "ad", "run")
    os.makedirs(run)
    options = {
        "interfaces": "lo",
        "bind interfaces only": "yes",
        "server services": "kdc",
        "krb5 port": port,
        "kpasswd port": "0",
        "pid directory": run,
        "ncalrpc dir": os.path.join(run, "ncalrpc"),
        "winbindd socket directory": os.path.join(run, "winbindd"),
        "ntp signd socket directory": os.path.join(run, "ntp_signd"),
        "usershare path": "",
        "log file": os.path.join(directory, "ad", "samba.%m.log"),
    }
    samba_tool("domain", "provision", "--quiet", f"--realm={REALM}", f"--domain={DOMAIN}", "--server-role=dc",
               "--dns-backend=NONE", "--adminpass=Passw0rd!", "--host-name=dc", "--host-ip=127.0.0.1",
               f"--targetdir={directory}/ad", *(f"--option={name} = {value}" for name, value in options.items()))
    return os.path.join(directory, "ad", "etc", "smb.conf")


def populate(directory, smb_conf):
    here = ("-s", smb_conf)
    for user, password in (("alice", "Alicepw1!"), ("bob", "Bobpw1!x"), ("service", "Servicepw1!")):
        samba_tool("user", "create", user, password, *here)
    samba_tool("user", "setexpiry", "bob", "--days=30", *here)
    for group, scope in (("staff", "Global"), ("crew", "Universal"), ("printing", "Domain")):
        samba_tool("group", "add", group, f"--group-scope={scope}", *here)
    for group, member in (("staff", "alice"), ("crew", "alice"), ("printing", "staff")):
        samba_tool("group", "addmembers", group, member, *here)
    samba_tool("spn", "add", SERVICE, "service", *here)
    samdb = open_database(smb_conf)
    account = ldb.Message(ldb.Dn(samdb, f"CN=service,CN=Users,{BASE}"))
    account["e"] = ldb.MessageElement(AES_ONLY, ldb.FLAG_MOD_REPLACE, "msDS-SupportedEncryptionTypes")
    samdb.modify(account)
    samba_tool("domain", "exportkeytab", os.path.join(directory, "server.keytab"), f"--principal={SERVICE}", *here)
    return samdb


def open_database(smb_conf):
    parameters = LoadParm()
    parameters.load(smb_conf)
    credentials = Credentials()
    credentials.guess(parameters)
    return SamDB(session_info=system_session(), credentials=credentials, lp=parameters)


def seconds_since_1970(value):
    """Of a Windows' time; None for never, which is written in two ways."""
    ticks = int(str(value))
    return None if ticks in (0, 0x7FFFFFFFFFFFFFFF) else ticks // 10_000_000 - 11_644_473_600


def facts_of(samdb, user):
    def text(value):
        return str(ndr_unpack(security.dom_sid, value))

    entry = samdb.search(base=f"CN={user},CN=Users,{BASE}", scope=ldb.SCOPE_BASE,
                         attrs=["objectSid", "primaryGroupID", "tokenGroups", "accountExpires",
                                "msDS-UserPasswordExpiryTimeComputed"])[0]
    sid = text(entry["objectSid"][0])
    primary = sid.rsplit("-", 1)[0] + "-" + str(entry["primaryGroupID"])
    return {"sid": sid, "primary": primary, "groups": sorted(text(value) for value in entry["tokenGroups"]),
            "password ends": seconds_since_1970(entry["msDS-UserPasswordExpiryTimeComputed"][0]),
            "account ends": seconds_since_1970(entry["accountExpires"][0])}


def main():
    directory, port = sys.argv[1:]
    told = os.dup(1)
    os.dup2(2, 1)  # what Samba's tools print is for people
    samdb = populate(directory, provision(directory, port))
    with os.fdopen(told, "w") as out:
        json.dump({user: facts_of(samdb, user) for user in ("alice", "bob")}, out)


if __name__ == "__main__":
    main()
