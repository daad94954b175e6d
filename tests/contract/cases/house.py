"""An authority as the cases see it: how a case is noted, and what leads up to a question."""

import base64
import dataclasses
import datetime
import functools

from authorities import Authority, allow, document
from clients import Credentials, Heard

CASES: list["Case"] = []
CONTEXT = "halligan:record"
RECORD = "aa11"
TAGS = {"incident": "2026-114", "request": "r-1", "record": RECORD, "door": "dispatcher"}
# DER of a public key of P-256 up to its point, and the curve's own base point (SEC 2, secp256r1).
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
BASE = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    about: str
    code: str
    status: int
    raw: bool
    ask: object


def case(about: str, code: str = "ok", status: int | None = None, raw: bool = False):
    """A question, and our answer to it. KMS refuses with 400, and STS with what is said here."""

    def note(ask):
        name = ask.__name__.strip("_").replace("_", " ")
        CASES.append(Case(name, about, code, status or (200 if code == "ok" else 400), raw, ask))
        return ask

    return note


class House:
    """An authority, and a client that asks it. What leads up to a question is asked for by `before`, and once where it can be."""

    def __init__(self, authority: Authority, client, before=None):
        self.authority, self.client, self.before = authority, client, before or client
        self.backend = authority.backend

    def sts(self, operation: str, parameters: dict, by: Credentials | None = None, **how) -> Heard:
        return self.client.ask("sts", operation, parameters, by or self.backend, **how)

    def kms(self, operation: str, parameters: dict, by: Credentials | None = None, **how) -> Heard:
        return self.client.ask("kms", operation, parameters, by or self.backend, **how)

    def wish(self, **changes) -> dict:
        """Everything that the backend asks for when it assumes the decrypter's role. None takes a parameter away."""
        wish = {
            "RoleArn": self.authority.decrypter,
            "RoleSessionName": "grant-1",
            "SourceIdentity": "EMS-1",
            "DurationSeconds": 900,
            "Tags": [{"Key": key, "Value": value} for key, value in TAGS.items()],
            **changes,
        }
        return {name: value for name, value in wish.items() if value is not None}

    def assume(self, by: Credentials | None = None, how: dict | None = None, **changes) -> Heard:
        return self.sts("AssumeRole", self.wish(**changes), by, **(how or {}))

    def session(self, *statements: dict) -> Credentials:
        """A session of the decrypter, narrowed by a session policy of these statements."""
        return self.issued(Policy=document(*statements) if statements else None)

    def issued(self, **changes) -> Credentials:
        return Credentials.of(self.before.ask("sts", "AssumeRole", self.wish(**changes), self.backend).worked())

    @functools.cached_property
    def decrypter(self) -> Credentials:
        return self.session()

    @functools.cached_property
    def registrar(self) -> Credentials:
        return self.issued(RoleArn=self.authority.registrar, RoleSessionName="seal-1", Tags=None)

    @functools.cached_property
    def rotation(self) -> Credentials:
        """May wrap this record anew, and no other."""
        tags = [{"Key": "record", "Value": RECORD}]
        return self.issued(RoleArn=self.authority.rotation, RoleSessionName="rotate-1", Tags=tags)

    @property
    def administrator(self) -> Credentials:
        return self.authority.administrator

    @functools.cached_property
    def sealed(self) -> dict:
        """A data key, bound to the record."""
        asked = {"KeyId": self.authority.kek, "KeySpec": "AES_256", "EncryptionContext": {CONTEXT: RECORD}}
        return self.before.ask("kms", "GenerateDataKey", asked, self.registrar).worked()

    @functools.cached_property
    def public(self) -> bytes:
        asked = {"KeyId": self.authority.agreement}
        return self.before.ask("kms", "GetPublicKey", asked, self.backend).worked()["PublicKey"]

    def opening(self, **changes) -> dict:
        """Decrypt of that data key."""
        asked = {
            "CiphertextBlob": octets(self.sealed["CiphertextBlob"]),
            "EncryptionContext": {CONTEXT: RECORD},
            "KeyId": self.authority.kek,
            **changes,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def open(self, by: Credentials | None = None, **changes) -> Heard:
        return self.kms("Decrypt", self.opening(**changes), by or self.decrypter)

    def wrap(self, by: Credentials, **changes) -> Heard:
        """GenerateDataKey for the record."""
        asked = {"KeyId": self.authority.kek, "KeySpec": "AES_256", "EncryptionContext": {CONTEXT: RECORD}, **changes}
        return self.kms("GenerateDataKey", {name: value for name, value in asked.items() if value is not None}, by)

    def agree(self, by: Credentials | None = None, **changes) -> Heard:
        asked = {"KeyId": self.authority.agreement, "KeyAgreementAlgorithm": "ECDH", "PublicKey": SPKI + BASE, **changes}
        return self.kms("DeriveSharedSecret", asked, by or self.decrypter)


def octets(value) -> bytes:
    """boto3 answers with bytes where the command line prints base64."""
    return value if isinstance(value, bytes) else base64.b64decode(value)


def moment(seconds: float) -> str:
    """So many seconds from now, as policies write it."""
    then = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def until(house: House, seconds: float) -> dict:
    return allow("kms:Decrypt", house.authority.kek, DateLessThan={"aws:CurrentTime": moment(seconds)})
