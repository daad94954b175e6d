"""The authorities that are asked: the embedded one, and two peers nobody here wrote. Each runs for as long as it is asked."""

import base64
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clients import Boto, Credentials

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGION = "eu-central-1"
ACCOUNT = "123456789012"
# Roles by the names that infra/halligan.yaml gives them.
DECRYPTER, REGISTRAR, ROTATION = "KEK-Responder-Decrypter", "KEK-Registrar", "Halligan-Rotation"
BACKEND, ADMINISTRATOR = "Halligan-Backend", "Halligan-Administrator"
PATIENCE = 60

# What one can ask a peer about. Cases are marked with these words.
ALL = {
    "form", "cipher", "use", "state", "signature", "credentials", "trust", "policy", "time", "context policy", "malformed",
    "bounds", "dry run", "agreement", "expiry", "iam", "rotation", "key policy",
}


class Authority:
    """One that runs: where it is, who may call it, and what its keys and roles are called."""

    answers: set[str] = set()

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        self._process = None

    def __enter__(self):
        try:
            self.stand_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process:
            self._process.terminate()
            self._process.communicate()
        self._folder.cleanup()

    def run(self, program: list[str], **environment: str):
        """Starts a server; what it says goes to a file that is shown when it does not start."""
        said = (self.folder / "said").open("w")
        whole = {**os.environ, "TMPDIR": str(self.folder), **environment}
        # What reads its standard input ends when this program does, however that ends.
        self._process = subprocess.Popen(program, stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.PIPE, env=whole)

    def wait(self, ready):
        """Until `ready` is true, or the server has ended."""
        until = time.monotonic() + PATIENCE
        while not ready():
            if self._process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{self.name} did not start. It said:\n{(self.folder / 'said').read_text()}")
            time.sleep(0.05)

    def listens(self) -> bool:
        try:
            urllib.request.urlopen(self.endpoint, timeout=1).close()
        except urllib.error.HTTPError:
            pass
        except OSError:
            return False
        return True


class Embedded(Authority):
    """The authority of this repository, in a process of its own, as `halligan authority` runs it."""

    name = "ours"
    answers = ALL

    def stand_up(self):
        program = ROOT / "target/debug/halligan"
        if not program.exists():
            raise SystemExit(f"{program} is not there. Build it: cargo build --locked -p halligan-backend")
        settings = self.folder / "settings"
        data = self.folder / "data"
        where = ["--data", str(data), "--listen", "127.0.0.1:0", "--settings", str(settings)]
        self.run([str(program), "authority", *where], RUST_LOG="warn")
        self.wait(settings.exists)
        found = dict(line.split("=", 1) for line in settings.read_text().splitlines())
        self.endpoint, self.region = found["AWS_ENDPOINT_URL"], found["AWS_REGION"]
        self.backend = Credentials(found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"])
        self.kek, self.agreement = found["HALLIGAN_KEK"], found["HALLIGAN_AGREEMENT_KEY"]
        self.decrypter, self.registrar = found["HALLIGAN_DECRYPTER_ROLE"], found["HALLIGAN_REGISTRAR_ROLE"]
        self.account = self.kek.split(":")[4]
        self.rotation = f"arn:aws:iam::{self.account}:role/{ROTATION}"
        self._keys = data / "authority" / "keys.json"
        # Nobody assumes this role over the wire.
        self.administrator = self._sealed(ADMINISTRATOR, 3600)

    def enable(self, enabled: bool):
        """Nobody may do this over the wire: it is for whoever can write the keys file."""
        held = json.loads(self._keys.read_text())
        for key in held["keys"]:
            if self.kek.endswith(key["id"]):
                key["enabled"] = enabled
        changed = self._keys.with_suffix(".changed")
        with open(os.open(changed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(held, file)
        changed.replace(self._keys)


    def ending(self, _assume) -> Credentials:
        """A session of the decrypter that ended a second ago. AWS's shortest lasts fifteen minutes, and so do those that this one
        issues."""
        tags = [["incident", "2026-114"], ["request", "r-1"], ["record", "aa11"], ["door", "dispatcher"]]
        return self._sealed(DECRYPTER, -1, source_identity="EMS-1", tags=tags)

    def _sealed(self, role: str, seconds: int, source_identity: str | None = None, tags=()) -> Credentials:
        """A session as this authority seals it into its token (authority/src/session.rs): whoever has the keys file can."""
        held = json.loads(self._keys.read_text())
        now, key = int(time.time()), "ASIA" + "B" * 16
        session = {
            "role": role,
            "name": "sealed-1",
            "source_identity": source_identity,
            "tags": list(tags),
            "policy": None,
            "issued_at": now - 901,
            "expires_at": now + seconds,
            "secret_access_key": "s" * 40,
        }
        nonce = os.urandom(12)
        label = b"halligan/authority/v2/session" + key.encode()
        sealed = AESGCM(base64.b64decode(held["session_key"])).encrypt(nonce, json.dumps(session).encode(), label)
        return Credentials(key, session["secret_access_key"], base64.b64encode(b"\x02" + nonce + sealed).decode())


class Peer(Authority):
    """Somebody else's, with the same account made through its own IAM and KMS."""

    region = REGION
    account = ACCOUNT
    # Whether roles can demand a source identity and tags of whoever assumes them.
    conditions_of_trust: dict = {}

    def stand_up(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        self.start(port)
        self.wait(self.listens)
        self.administrator = Credentials(self.root, "root")
        iam, kms = self.client("iam"), self.client("kms")
        iam.create_user(UserName=BACKEND)
        key = iam.create_access_key(UserName=BACKEND)["AccessKey"]
        self.backend = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
        self.kek = kms.create_key(Description="KEK-Responder")["KeyMetadata"]["Arn"]
        self.agreement = kms.create_key(KeyUsage="KEY_AGREEMENT", KeySpec="ECC_NIST_P256")["KeyMetadata"]["Arn"]
        trusted = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{BACKEND}"}
        acts = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
        for name in (DECRYPTER, REGISTRAR, ROTATION):
            statement = {"Effect": "Allow", "Principal": trusted, "Action": acts}
            if conditions := self.conditions_of_trust.get(name):
                statement["Condition"] = conditions
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(statement))
        roles = [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in (DECRYPTER, REGISTRAR, ROTATION)]
        self.decrypter, self.registrar, self.rotation = roles
        may = {
            DECRYPTER: [allow("kms:Decrypt", self.kek), allow("kms:DeriveSharedSecret", self.agreement)],
            REGISTRAR: [allow("kms:GenerateDataKey", self.kek), allow("kms:GetPublicKey", self.agreement)],
            ROTATION: [allow(["kms:*KeyRotation*", "kms:ReEncrypt*"], self.kek)],
        }
        for name, statements in may.items():
            iam.put_role_policy(RoleName=name, PolicyName="use", PolicyDocument=document(*statements))
        iam.put_user_policy(
            UserName=BACKEND,
            PolicyName="use",
            PolicyDocument=document(
                allow(acts, roles),
                allow("kms:DescribeKey", [self.kek, self.agreement]),
                allow("kms:GetPublicKey", self.agreement),
                allow(["iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:GetRolePolicy"], self.decrypter),
            ),
        )

    def client(self, service: str):
        """Of the account's administrator."""
        return Boto(self).client(service, self.administrator)

    def enable(self, enabled: bool):
        kms = self.client("kms")
        # By the bare id: moto breaks at the ARN.
        (kms.enable_key if enabled else kms.disable_key)(KeyId=self.kek.rpartition("/")[2])


class Ministack(Peer):
    """Checks signatures, trust, policies, session policies, time and expiry; knows no condition key of an encryption context."""

    name = "ministack"
    answers = ALL - {"context policy", "agreement", "dry run", "rotation", "key policy"}
    root = ACCOUNT
    # It does not supply sts:SourceIdentity to trust policies, but it does supply the tags.
    conditions_of_trust = {
        DECRYPTER: {
            "StringEquals": {"aws:RequestTag/door": ["dispatcher", "policy", "override"]},
            "StringLike": {f"aws:RequestTag/{tag}": "?*" for tag in ("incident", "request", "record")},
        }
    }

    def ending(self, assume) -> Credentials:
        """A session of the decrypter that ends in a second."""
        return assume(DurationSeconds=1)

    def start(self, port: int):
        self.run(
            [str(tool("ministack", "ministack"))],
            AUTH="true", BIND_HOST="127.0.0.1", GATEWAY_PORT=str(port), SERVICES="kms,sts,iam", MINISTACK_ACCOUNT_ID=ACCOUNT,
        )


class Completed(Ministack):
    """The same with what it lacks for a release: see completed.py."""

    name = "completed"
    answers = {"context policy", "agreement"}

    def start(self, port: int):
        tool("ministack", "ministack")
        self.run([str(tool("ministack", "python")), str(ROOT / "tests/contract/completed.py"), str(port)])


class Moto(Peer):
    """Checks nobody, but answers in AWS's form and binds a ciphertext to its context."""

    name = "moto"
    answers = {"form", "cipher", "use", "state", "rotation"}
    root = "AKIAIOSFODNN7EXAMPLE"

    def start(self, port: int):
        self.run([str(tool("moto", "moto_server")), "-H", "127.0.0.1", "-p", str(port)])


def tool(folder: str, program: str) -> pathlib.Path:
    """A program of a Python tool's folder."""
    path = ROOT / ".tools" / folder / "bin" / program
    if not path.exists():
        raise SystemExit(f"{path} is not there. Run scripts/setup, which installs it.")
    return path


def allow(action, resource, **conditions) -> dict:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**statement, "Condition": conditions} if conditions else statement


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})

