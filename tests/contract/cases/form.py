"""What every call answers."""

import datetime

from authorities import DECRYPTER, document
from .house import CONTEXT, RECORD, SPKI, case, octets, until


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
