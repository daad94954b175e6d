"""What is asked. Every case ends in one question; what our authority answers to it stands beside it.

A case is marked with what it is about, and a peer is asked what it can say something about. `raw` cases send what Amazon's own
clients would not, so the command line sits them out.
"""

import base64
import dataclasses
import datetime
import functools
import json
import time

from authorities import DECRYPTER, REGISTRAR, Authority, allow, document
from clients import Credentials, Heard, signed_anew, text_of

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


# ── What every call answers ───────────────────────────────────────────────────────────────────────────────────────────


@case("form")
def who_the_backend_is(house):
    heard = house.sts("GetCallerIdentity", {})
    return heard.fact("the account is the keys' account", heard.answer["Account"] == house.authority.account)


@case("form")
def who_a_session_is(house):
    heard = house.sts("GetCallerIdentity", {}, house.decrypter)
    arn = f"arn:aws:sts::{house.authority.account}:assumed-role/{DECRYPTER}/grant-1"
    return heard.fact("it is the role's session", heard.answer["Arn"] == arn).fact(
        "the unique id ends in the session's name", heard.answer["UserId"].endswith(":grant-1")
    )


@case("form")
def a_role_is_assumed(house):
    heard = house.assume(Policy=document(until(house, 300)))
    issued = heard.answer["Credentials"]
    end = issued["Expiration"]
    end = end if isinstance(end, datetime.datetime) else datetime.datetime.fromisoformat(end)
    left = (end - datetime.datetime.now(datetime.UTC)).total_seconds()
    return (
        heard.fact("the access key is a session's", issued["AccessKeyId"].startswith("ASIA"))
        .fact("it lasts fifteen minutes", 840 < left <= 901)
        .fact("the source identity is told", heard.answer.get("SourceIdentity") == "EMS-1")
        .fact("how full the policy is, is told", heard.answer.get("PackedPolicySize", 0) > 0)
    )


@case("form")
def the_registrar_needs_no_tags(house):
    return house.assume(RoleArn=house.authority.registrar, Tags=None)


@case("form")
def a_symmetric_key_is_made(house):
    heard = house.kms("CreateKey", {"Description": "made by a test"}, house.administrator)
    return heard.fact("it is for wrapping", heard.answer["KeyMetadata"].get("KeyUsage") == "ENCRYPT_DECRYPT")


@case("form")
def a_key_for_agreement_is_made(house):
    heard = house.kms("CreateKey", {"KeyUsage": "KEY_AGREEMENT", "KeySpec": "ECC_NIST_P256"}, house.administrator)
    metadata = heard.answer["KeyMetadata"]
    return heard.fact("it is for agreement", metadata["KeyUsage"] == "KEY_AGREEMENT").fact(
        "by ECDH", metadata.get("KeyAgreementAlgorithms") == ["ECDH"]
    )


@case("form")
def a_key_is_described(house):
    heard = house.kms("DescribeKey", {"KeyId": house.authority.kek})
    metadata = heard.answer["KeyMetadata"]
    return heard.fact("by its ARN", metadata["Arn"] == house.authority.kek).fact("it is enabled", metadata["KeyState"] == "Enabled")


@case("form")
def a_key_is_described_by_its_bare_id(house):
    heard = house.kms("DescribeKey", {"KeyId": house.authority.kek.rpartition("/")[2]})
    return heard.fact("by its ARN", heard.answer["KeyMetadata"]["Arn"] == house.authority.kek)


@case("form")
def a_public_key_is_told(house):
    heard = house.kms("GetPublicKey", {"KeyId": house.authority.agreement}, house.registrar)
    public = octets(heard.answer["PublicKey"])
    return heard.fact("it is a point of P-256 in DER", public[: len(SPKI)] == SPKI and len(public) == len(SPKI) + 65)


@case("form")
def a_data_key_is_made(house):
    heard = house.wrap(house.registrar)
    return heard.fact("it has 32 bytes", len(octets(heard.answer["Plaintext"])) == 32)


@case("form")
def a_data_key_of_any_length_is_made(house):
    heard = house.wrap(house.registrar, KeySpec=None, NumberOfBytes=57)
    return heard.fact("it has 57 bytes", len(octets(heard.answer["Plaintext"])) == 57)


@case("form")
def a_data_key_is_unwrapped(house):
    heard = house.open()
    return heard.fact("it is the one that was made", octets(heard.answer.get("Plaintext", b"")) == house.sealed["Plaintext"])


@case("form")
def a_data_key_is_unwrapped_by_what_its_ciphertext_names(house):
    heard = house.open(KeyId=None)
    return heard.fact("it is the one that was made", octets(heard.answer.get("Plaintext", b"")) == house.sealed["Plaintext"])


@case("agreement")
def a_secret_is_agreed_upon(house):
    heard = house.agree()
    # s times the base point is the public key; what is agreed upon is the x of it.
    return heard.fact("it is the x-coordinate", octets(heard.answer["SharedSecret"]) == house.public[len(SPKI) + 1 : len(SPKI) + 33])


@case("dry run", "DryRunOperationException")
def unwrapping_would_work(house):
    return house.open(DryRun=True)


@case("dry run", "DryRunOperationException")
def unwrapping_would_work_whatever_the_ciphertext(house):
    return house.open(DryRun=True, DryRunModifiers=["IGNORE_CIPHERTEXT"], CiphertextBlob=None)


@case("dry run", "DryRunOperationException")
def making_a_data_key_would_work(house):
    return house.wrap(house.registrar, DryRun=True)


@case("dry run", "DryRunOperationException")
def agreeing_would_work(house):
    return house.agree(DryRun=True)


@case("dry run", "InvalidCiphertextException")
def unwrapping_would_not_work(house):
    return house.open(DryRun=True, EncryptionContext={CONTEXT: RECORD, "more": "1"})


@case("dry run", "AccessDeniedException")
def unwrapping_would_not_be_allowed(house):
    return house.open(house.session(until(house, -1)), DryRun=True)


# ── Signatures and credentials ────────────────────────────────────────────────────────────────────────────────────────


@case("signature", "MissingAuthenticationToken", 403, raw=True)
def nobody_signed_for_sts(house):
    return house.client.ask("sts", "GetCallerIdentity", {}, None)


@case("signature", "MissingAuthenticationTokenException", raw=True)
def nobody_signed_for_kms(house):
    return house.client.ask("kms", "DescribeKey", {"KeyId": house.authority.kek}, None)


@case("signature", "IncompleteSignature", raw=True)
def a_signature_cannot_be_read_by_sts(house):
    return house.sts("GetCallerIdentity", {}, tamper=put("Authorization", "AWS4-HMAC-SHA256 Credential=nobody"))


@case("signature", "IncompleteSignatureException", raw=True)
def a_signature_cannot_be_read_by_kms(house):
    asked = {"KeyId": house.authority.kek}
    return house.kms("DescribeKey", asked, tamper=put("Authorization", "AWS4-HMAC-SHA256 Credential=nobody"))


@case("signature", "SignatureDoesNotMatch", 403)
def the_secret_is_wrong_for_sts(house):
    return house.sts("GetCallerIdentity", {}, dataclasses.replace(house.backend, secret="x" * 40))


@case("signature", "InvalidSignatureException")
def the_secret_is_wrong_for_kms(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, dataclasses.replace(house.backend, secret="x" * 40))


@case("signature", "InvalidSignatureException")
def the_secret_of_a_session_is_wrong(house):
    return house.open(dataclasses.replace(house.decrypter, secret="x" * 40))


@case("signature", "InvalidSignatureException", raw=True)
def the_body_was_changed_on_the_way(house):
    def change(request, **_):
        request.body = request.body.replace(RECORD.encode(), b"bb22")

    return house.kms("Decrypt", house.opening(), house.decrypter, tamper=change)


@case("signature", "InvalidSignatureException", raw=True)
def the_operation_was_changed_on_the_way(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, tamper=put("X-Amz-Target", "TrentService.GetPublicKey"))


@case("signature", "InvalidSignatureException", raw=True)
def the_date_was_changed_on_the_way(house):
    def change(request, **_):
        date = text_of(request.headers["X-Amz-Date"])
        put("X-Amz-Date", f"{date[:-2]}{(int(date[-2]) + 1) % 10}Z")(request)

    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, tamper=change)


@case("signature", "InvalidSignatureException", raw=True)
def a_signature_for_another_service(house):
    tamper = signed_anew(house.backend, "sts", house.authority.region)
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, tamper=tamper)


@case("signature", "InvalidSignatureException", raw=True)
def a_signature_for_another_region(house):
    tamper = signed_anew(house.backend, "kms", "us-east-1")
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, tamper=tamper)


@case("signature", "InvalidSignatureException", raw=True)
def a_digest_of_another_body(house):
    tamper = signed_anew(house.backend, "kms", house.authority.region, {"X-Amz-Content-SHA256": "0" * 64})
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, tamper=tamper)


@case("signature", "IncompleteSignature", raw=True)
def a_signature_in_the_query(house):
    def change(request, **_):
        del request.headers["Authorization"]
        request.url += "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"

    return house.sts("GetCallerIdentity", {}, tamper=change)


@case("signature", "SignatureDoesNotMatch", 403, raw=True)
def a_clock_more_than_five_minutes_behind(house):
    return house.sts("GetCallerIdentity", {}, skew=-330)


@case("signature", "InvalidSignatureException", raw=True)
def a_clock_more_than_five_minutes_ahead(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, skew=330)


@case("signature", raw=True)
def a_clock_four_minutes_behind(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, skew=-240)


@case("signature", raw=True)
def a_clock_four_minutes_ahead(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, skew=240)


@case("credentials", "InvalidClientTokenId", 403)
def sts_knows_no_such_access_key(house):
    return house.sts("GetCallerIdentity", {}, Credentials("AKIANOSUCHKEY0000000", "y" * 40))


@case("credentials", "UnrecognizedClientException")
def kms_knows_no_such_access_key(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, Credentials("AKIANOSUCHKEY0000000", "y" * 40))


@case("credentials", "UnrecognizedClientException")
def a_session_without_its_token(house):
    return house.open(dataclasses.replace(house.decrypter, token=None))


@case("credentials", "InvalidClientTokenId", 403)
def a_session_without_its_token_before_sts(house):
    return house.sts("GetCallerIdentity", {}, dataclasses.replace(house.decrypter, token=None))


@case("credentials", "UnrecognizedClientException")
def a_garbled_token(house):
    token = house.decrypter.token
    return house.open(dataclasses.replace(house.decrypter, token=token[:-8] + "AAAAAAA="))


@case("credentials", "UnrecognizedClientException")
def the_token_of_another_session(house):
    return house.open(dataclasses.replace(house.decrypter, token=house.registrar.token))


@case("credentials", "UnrecognizedClientException")
def a_token_with_a_long_term_key(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek}, dataclasses.replace(house.backend, token=house.decrypter.token))


def put(name: str, value: str):
    """Replaces a header after the request was signed."""

    def change(request, **_):
        del request.headers[name]
        request.headers[name] = value

    return change


# ── Who may do what ───────────────────────────────────────────────────────────────────────────────────────────────────


@case("trust", "AccessDenied", 403)
def a_role_that_is_not_there(house):
    return house.assume(RoleArn=house.authority.decrypter + "s")


@case("trust", "AccessDenied", 403)
def no_source_identity(house):
    return house.assume(SourceIdentity=None)


@case("trust", "AccessDenied", 403)
def no_tags(house):
    return house.assume(Tags=None)


@case("trust", "AccessDenied", 403)
def one_tag_too_few(house):
    return house.assume(Tags=house.wish()["Tags"][:3])


@case("trust", "AccessDenied", 403)
def no_record(house):
    return house.assume(Tags=[tag for tag in house.wish()["Tags"] if tag["Key"] != "record"])


@case("trust", "AccessDenied", 403)
def an_empty_record(house):
    return house.assume(Tags=[{**tag, "Value": "" if tag["Key"] == "record" else tag["Value"]} for tag in house.wish()["Tags"]])


@case("trust", "AccessDenied", 403)
def an_empty_tag(house):
    return house.assume(Tags=[*house.wish()["Tags"][:3], {"Key": "door", "Value": ""}])


@case("trust", "AccessDenied", 403)
def a_door_that_is_none(house):
    return house.assume(Tags=[*house.wish()["Tags"][:3], {"Key": "door", "Value": "window"}])


@case("trust", "AccessDenied", 403)
def a_session_assumes_the_other_role(house):
    return house.assume(house.registrar)


@case("policy", "AccessDeniedException")
def the_backend_may_not_decrypt(house):
    return house.open(house.backend)


@case("policy", "AccessDeniedException")
def the_backend_may_not_make_data_keys(house):
    return house.wrap(house.backend)


@case("policy", "AccessDeniedException")
def the_decrypter_may_not_make_data_keys(house):
    return house.wrap(house.decrypter)


@case("policy", "AccessDeniedException")
def the_registrar_may_not_decrypt(house):
    return house.open(house.registrar)


@case("policy", "AccessDeniedException")
def the_backend_may_not_make_keys(house):
    return house.kms("CreateKey", {})


@case("policy", "AccessDeniedException")
def the_decrypter_may_not_make_keys(house):
    return house.kms("CreateKey", {}, house.decrypter)


@case("policy", "AccessDeniedException")
def a_key_that_no_policy_names(house):
    made = house.before.ask("kms", "CreateKey", {}, house.administrator).worked()["KeyMetadata"]["Arn"]
    return house.wrap(house.registrar, KeyId=made)


@case("policy")
def a_session_policy_allows_what_the_role_may(house):
    return house.open(house.session(allow("kms:*", "*")))


@case("policy", "AccessDeniedException")
def a_session_policy_does_not_widen_the_role(house):
    return house.wrap(house.session(allow("*", "*")))


@case("policy", "AccessDeniedException")
def a_session_policy_for_something_else(house):
    return house.open(house.session(allow("kms:DescribeKey", house.authority.kek)))


@case("policy", "AccessDeniedException")
def a_session_policy_for_another_key(house):
    return house.open(house.session(allow("kms:Decrypt", house.authority.agreement)))


@case("policy", "AccessDeniedException")
def a_session_policy_that_denies(house):
    deny = {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}
    return house.open(house.session(deny, allow("kms:*", "*")))


@case("time")
def a_window_that_is_open(house):
    return house.open(house.session(until(house, 120)))


@case("time", "AccessDeniedException")
def a_window_that_is_over(house):
    return house.open(house.session(until(house, -1)))


@case("time", "AccessDeniedException", raw=True)
def a_window_that_closes_while_it_is_used(house):
    # As short as this machine allows: it must have been open once.
    for seconds in (2, 5, 15, 45):
        session = house.session(until(house, seconds))
        if house.open(session).code == "ok":
            return last(lambda: house.open(session), lambda heard: heard.code != "ok", patience=60)
    raise AssertionError("no window was ever open")


@case("time", "AccessDeniedException")
def a_window_that_is_not_open_yet(house):
    later = allow("kms:Decrypt", house.authority.kek, DateGreaterThan={"aws:CurrentTime": moment(120)})
    return house.open(house.session(later))


@case("time", "AccessDeniedException")
def a_session_issued_before_it_was_revoked(house):
    issued = {"aws:TokenIssueTime": moment(120)}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": issued}}
    return house.open(house.session(deny, allow("kms:*", "*")))


@case("expiry", "ExpiredTokenException")
def a_session_past_its_end(house):
    session = house.authority.ending(house.issued)
    return last(lambda: house.open(session), lambda heard: heard.code != "ok")


@case("expiry", "ExpiredToken", 403)
def a_session_past_its_end_before_sts(house):
    session = house.authority.ending(house.issued)
    return last(lambda: house.sts("GetCallerIdentity", {}, session), lambda heard: heard.code != "ok")


@case("context policy")
def a_session_policy_for_this_record(house):
    return house.open(house.session(for_record(house, RECORD)))


@case("context policy", "AccessDeniedException")
def a_session_policy_for_another_record(house):
    return house.open(house.session(for_record(house, "bb22")))


@case("context policy", "AccessDeniedException")
def a_session_policy_for_this_record_and_no_context(house):
    return house.open(house.session(for_record(house, RECORD)), EncryptionContext=None)


def for_record(house: House, record: str) -> dict:
    return allow("kms:Decrypt", house.authority.kek, StringEquals={f"kms:EncryptionContext:{CONTEXT}": record})


def last(ask, enough, patience: float = 30) -> Heard:
    """The first answer that is enough."""
    end = time.monotonic() + patience
    while not enough(heard := ask()):
        if time.monotonic() > end:
            raise AssertionError(f"still {heard.code} after {patience} s")
    return heard


# ── Key policies, rotation, and the kill switch ───────────────────────────────────────────────────────────────────────


@case("form")
def a_key_policy_is_told(house):
    heard = house.kms("GetKeyPolicy", {"KeyId": house.authority.kek, "PolicyName": "default"}, house.administrator)
    return heard.fact("it is a policy", "Statement" in json.loads(heard.answer.get("Policy", "{}")))


@case("key policy", "AccessDeniedException")
def a_data_key_for_no_record(house):
    return house.wrap(house.registrar, EncryptionContext=None)


@case("key policy", "AccessDeniedException")
def the_administrator_may_not_decrypt(house):
    return house.open(house.administrator)


@case("key policy", "AccessDeniedException")
def the_administrator_may_not_make_data_keys(house):
    return house.wrap(house.administrator)


@case("key policy", "MalformedPolicyDocumentException")
def a_key_with_a_policy_that_is_not_json(house):
    return house.kms("CreateKey", {"Policy": "{"}, house.administrator)


@case("key policy", "MalformedPolicyDocumentException")
def a_key_that_would_lock_its_administrator_out(house):
    nobody = document({**allow("kms:*", "*"), "Principal": {"AWS": house.authority.decrypter}})
    return house.kms("CreateKey", {"Policy": nobody}, house.administrator)


@case("rotation")
def a_key_is_rotated(house):
    heard = house.kms("RotateKeyOnDemand", {"KeyId": house.authority.kek}, house.rotation)
    return heard.fact("by its ARN", heard.answer["KeyId"] == house.authority.kek)


@case("rotation")
def what_was_wrapped_before_a_rotation_is_unwrapped(house):
    house.sealed  # Wrapped under the material there is now.
    house.before.ask("kms", "RotateKeyOnDemand", {"KeyId": house.authority.kek}, house.rotation).worked()
    heard = house.open()
    return heard.fact("it is the one that was made", octets(heard.answer["Plaintext"]) == house.sealed["Plaintext"])


@case("rotation")
def a_rotation_is_listed(house):
    house.before.ask("kms", "RotateKeyOnDemand", {"KeyId": house.authority.kek}, house.rotation).worked()
    heard = house.kms("ListKeyRotations", {"KeyId": house.authority.kek}, house.rotation)
    return heard.fact("as on demand", any(one["RotationType"] == "ON_DEMAND" for one in heard.answer["Rotations"]))


@case("rotation")
def rotation_says_how_it_stands(house):
    return house.kms("GetKeyRotationStatus", {"KeyId": house.authority.kek}, house.rotation)


@case("rotation")
def a_data_key_is_wrapped_anew(house):
    heard = rewrap(house)
    anew = house.opening(CiphertextBlob=octets(heard.answer["CiphertextBlob"]))
    opened = house.before.ask("kms", "Decrypt", anew, house.decrypter).worked()
    return heard.fact("it is the same data key", opened["Plaintext"] == house.sealed["Plaintext"])


@case("dry run", "DryRunOperationException")
def wrapping_anew_would_work(house):
    return rewrap(house, DryRun=True)


@case("key policy", "AccessDeniedException")
def another_record_is_wrapped_anew(house):
    other = {CONTEXT: "bb22"}
    return rewrap(house, SourceEncryptionContext=other, DestinationEncryptionContext=other)


@case("key policy", "AccessDeniedException")
def a_record_is_wrapped_anew_as_another(house):
    return rewrap(house, DestinationEncryptionContext={CONTEXT: "bb22"})


@case("key policy", "AccessDeniedException")
def the_decrypter_wraps_anew(house):
    return rewrap(house, by=house.decrypter)


@case("key policy", "AccessDeniedException")
def the_backend_rotates(house):
    return house.kms("RotateKeyOnDemand", {"KeyId": house.authority.kek})


@case("key policy", "AccessDeniedException")
def a_key_for_agreement_is_rotated(house):
    return house.kms("RotateKeyOnDemand", {"KeyId": house.authority.agreement}, house.rotation)


def rewrap(house: House, by: Credentials | None = None, **changes) -> Heard:
    """ReEncrypt of the record's data key, as itself."""
    asked = {
        "CiphertextBlob": house.sealed["CiphertextBlob"],
        "SourceKeyId": house.authority.kek,
        "SourceEncryptionContext": {CONTEXT: RECORD},
        "DestinationKeyId": house.authority.kek,
        "DestinationEncryptionContext": {CONTEXT: RECORD},
        **changes,
    }
    return house.kms("ReEncrypt", asked, by or house.rotation)


STOP = {"RoleName": DECRYPTER, "PolicyName": "AWSRevokeOlderSessions"}


@case("iam", "AccessDeniedException")
def sessions_from_before_the_stop(house):
    return stopped(house, house.open)


@case("iam")
def the_stop_is_lifted(house):
    stopped(house, lambda: None)
    return house.open()


@case("iam")
def the_stop_is_told(house):
    def ask():
        return house.client.ask("iam", "GetRolePolicy", STOP, house.backend)

    heard = stopped(house, ask)
    return heard.fact("as it was put", heard.answer["PolicyDocument"]["Statement"][0]["Sid"] == "Stop")


@case("iam")
def the_stop_is_put(house):
    return stopped(house, lambda: house.client.ask("iam", "PutRolePolicy", {**STOP, "PolicyDocument": stop()}, house.backend))


@case("iam")
def the_stop_is_taken_away(house):
    house.before.ask("iam", "PutRolePolicy", {**STOP, "PolicyDocument": stop()}, house.backend).worked()
    return house.client.ask("iam", "DeleteRolePolicy", STOP, house.backend)


@case("iam", "NoSuchEntity", 404)
def a_policy_that_is_not_there_is_told(house):
    return house.client.ask("iam", "GetRolePolicy", {**STOP, "PolicyName": "Nothing"}, house.backend)


@case("iam", "NoSuchEntity", 404)
def a_policy_that_is_not_there_is_taken_away(house):
    return house.client.ask("iam", "DeleteRolePolicy", {**STOP, "PolicyName": "Nothing"}, house.backend)


@case("iam", "MalformedPolicyDocument")
def a_stop_that_is_not_json(house):
    return house.client.ask("iam", "PutRolePolicy", {**STOP, "PolicyDocument": "{"}, house.backend)


@case("iam", "LimitExceeded", 409)
def more_policies_than_a_role_may_have(house):
    # Of no consequence where it is taken: nobody lists keys.
    long = document({**allow("kms:ListKeys", "*"), "Sid": "a" * 10_240})
    return house.client.ask("iam", "PutRolePolicy", {**STOP, "PolicyDocument": long}, house.backend)


@case("iam", "AccessDenied", 403)
def a_stop_on_another_role(house):
    asked = {**STOP, "RoleName": REGISTRAR, "PolicyDocument": stop()}
    return house.client.ask("iam", "PutRolePolicy", asked, house.backend)


@case("iam", "AccessDenied", 403)
def a_stop_by_the_decrypter_itself(house):
    return house.client.ask("iam", "DeleteRolePolicy", STOP, house.decrypter)


@case("iam", "InvalidAction")
def an_operation_that_iam_has_not_here(house):
    return house.client.ask("iam", "ListRoles", {}, house.backend)


def stop() -> str:
    """Denies everything to sessions that began before now."""
    issued = {"aws:TokenIssueTime": moment(1)}
    statement = {"Sid": "Stop", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": issued}}
    return document(statement)


def stopped(house: House, ask):
    """What is answered while the stop is there."""
    house.sealed, house.decrypter  # From before.
    house.before.ask("iam", "PutRolePolicy", {**STOP, "PolicyDocument": stop()}, house.backend).worked()
    try:
        return ask()
    finally:
        house.before.ask("iam", "DeleteRolePolicy", STOP, house.backend).worked()


# ── What is malformed or out of bounds ────────────────────────────────────────────────────────────────────────────────


def malformed(name: str, policy: str):
    CASES.append(Case(name, "malformed", "MalformedPolicyDocument", 400, False, lambda house: house.assume(Policy=policy)))


def with_condition(operator: str, key: str, value: str = "x") -> str:
    return document(allow("kms:Decrypt", "*", **{operator: {key: value}}))


malformed("a policy that is not JSON", '{"Version":"2012-10-17","Statement"')
malformed("a policy without statements", '{"Version":"2012-10-17"}')
malformed("a policy with an effect that is none", document({"Effect": "Permit", "Action": "kms:Decrypt", "Resource": "*"}))
malformed("a policy with an element that is none", document({**allow("kms:Decrypt", "*"), "Purpose": "none"}))
malformed("a policy with a principal", document({**allow("kms:Decrypt", "*"), "Principal": "*"}))
malformed("a policy with an operator that is none", with_condition("StringEqualz", f"kms:EncryptionContext:{CONTEXT}"))
malformed("a policy with an action of no service", document(allow("Decrypt", "*")))
malformed("a policy with a resource that is no ARN", document(allow("kms:Decrypt", "key/1")))
malformed("a policy with a date that is none", with_condition("DateLessThan", "aws:CurrentTime", "soon"))
malformed("a policy of another version", '{"Version":"2020-01-01","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}')


def unfit(name: str, code: str = "ValidationError", raw: bool = True, **changes):
    CASES.append(Case(name, "bounds", code, 400, raw, lambda house: house.assume(**changes)))


unfit("a session shorter than fifteen minutes", DurationSeconds=899)
unfit("a session longer than twelve hours", DurationSeconds=43201)
unfit("a session longer than the role's hour", raw=False, DurationSeconds=3601)
unfit("a session name of one letter", RoleSessionName="a")
unfit("a session name of 65 letters", RoleSessionName="a" * 65)
unfit("a session name with a slash", raw=False, RoleSessionName="a/b")
unfit("a session name with a letter beyond ASCII", raw=False, RoleSessionName="Jörg")
unfit("a source identity with a space", raw=False, SourceIdentity="EMS 1")
unfit("a policy of 2049 characters", Policy=document(allow("kms:Decrypt", "*")).ljust(2049))
unfit("a tag twice", raw=False, Tags=[{"Key": key, "Value": "1"} for key in ("incident", "request", "door", "Door")])
unfit("more tags than fifty", Tags=[{"Key": f"t{number}", "Value": "1"} for number in range(51)])
unfit("a managed policy", raw=False, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}])


@case("bounds", "ValidationException")
def neither_length_nor_kind_of_data_key(house):
    return house.wrap(house.registrar, KeySpec=None)


@case("bounds", "ValidationException")
def both_length_and_kind_of_data_key(house):
    return house.wrap(house.registrar, NumberOfBytes=32)


@case("bounds", "ValidationException", raw=True)
def a_ciphertext_longer_than_6144_bytes(house):
    return house.open(CiphertextBlob=bytes(6145))


@case("bounds", "ValidationException")
def a_context_with_a_name_twice_but_for_case(house):
    return house.open(EncryptionContext={CONTEXT: RECORD, CONTEXT.upper(): RECORD})


@case("bounds", "UnsupportedOperationException")
def a_kind_of_key_that_is_not_here(house):
    return house.kms("CreateKey", {"KeyUsage": "SIGN_VERIFY", "KeySpec": "ECC_NIST_P384"}, house.administrator)


@case("bounds", "ValidationException")
def a_parameter_that_is_not_here(house):
    return house.kms("CreateKey", {"MultiRegion": True}, house.administrator)


@case("bounds", "UnknownOperationException")
def an_operation_that_kms_has_not_here(house):
    return house.kms("GenerateRandom", {"NumberOfBytes": 8})


@case("bounds", "InvalidAction")
def an_operation_that_sts_has_not_here(house):
    return house.sts("GetSessionToken", {})


# ── Ciphertexts, keys and points ──────────────────────────────────────────────────────────────────────────────────────


@case("cipher", "InvalidCiphertextException")
def the_context_of_another_record(house):
    tags = [{**tag, "Value": "bb22" if tag["Key"] == "record" else tag["Value"]} for tag in house.wish()["Tags"]]
    return house.open(house.issued(Tags=tags), EncryptionContext={CONTEXT: "bb22"})


@case("key policy", "AccessDeniedException")
def the_context_of_another_record_than_the_sessions(house):
    return house.open(EncryptionContext={CONTEXT: "bb22"})


@case("cipher", "AccessDeniedException")
def no_context(house):
    return house.open(EncryptionContext=None)


@case("cipher", "InvalidCiphertextException")
def more_context_than_it_was_made_with(house):
    return house.open(EncryptionContext={CONTEXT: RECORD, "more": "1"})


@case("cipher", "InvalidCiphertextException")
def a_ciphertext_with_a_bit_flipped(house):
    ciphertext = bytearray(house.sealed["CiphertextBlob"])
    ciphertext[-1] ^= 1
    return house.open(CiphertextBlob=bytes(ciphertext))


@case("cipher", "InvalidCiphertextException")
def a_ciphertext_that_is_cut_off(house):
    return house.open(CiphertextBlob=house.sealed["CiphertextBlob"][:-1])


@case("cipher", "InvalidCiphertextException")
def a_ciphertext_of_nobody(house):
    return house.open(CiphertextBlob=b"\x99" * 100, KeyId=None)


@case("use", "NotFoundException")
def a_key_that_is_not_there(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek[:-12] + "000000000000"})


@case("use", "NotFoundException")
def a_key_of_another_region(house):
    return house.kms("DescribeKey", {"KeyId": house.authority.kek.replace(house.authority.region, "ap-south-1")})


@case("policy", "AccessDeniedException")
def the_backend_reads_no_public_key_but_the_one(house):
    return house.kms("GetPublicKey", {"KeyId": house.authority.kek})


@case("agreement", "ValidationException")
def a_point_that_is_not_on_the_curve(house):
    return house.agree(PublicKey=SPKI + BASE[:-1] + b"\x00")


@case("agreement", "ValidationException")
def the_identity_in_place_of_a_point(house):
    return house.agree(PublicKey=bytes.fromhex("3019301306072a8648ce3d020106082a8648ce3d030107030200") + b"\x00")


@case("agreement", "ValidationException")
def a_public_key_that_is_not_der(house):
    return house.agree(PublicKey=BASE)


@case("agreement", "AccessDeniedException")
def a_secret_of_the_key_that_wraps(house):
    return house.agree(KeyId=house.authority.kek)


@case("agreement", "AccessDeniedException")
def a_secret_after_the_window(house):
    over = allow("kms:DeriveSharedSecret", house.authority.agreement, DateLessThan={"aws:CurrentTime": moment(-1)})
    return house.agree(house.session(over))


@case("state", "DisabledException")
def a_disabled_key_unwraps_nothing(house):
    return disabled(house, house.open)


@case("state", "DisabledException")
def a_disabled_key_wraps_nothing(house):
    return disabled(house, lambda: house.wrap(house.registrar))


@case("state")
def a_disabled_key_says_so(house):
    heard = disabled(house, lambda: house.kms("DescribeKey", {"KeyId": house.authority.kek}))
    return heard.fact("its state is told", heard.answer["KeyMetadata"]["KeyState"] == "Disabled")


def disabled(house: House, ask) -> Heard:
    house.sealed, house.decrypter, house.registrar  # Made while the key still is enabled.
    house.authority.enable(False)
    try:
        return ask()
    finally:
        house.authority.enable(True)
