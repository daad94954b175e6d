"""Key policies, rotation, and the kill switch."""

import json

from authorities import DECRYPTER, REGISTRAR, allow, document
from clients import Credentials, Heard
from .house import CONTEXT, RECORD, House, case, moment, octets


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
    heard = house.kms("RotateKeyOnDemand", {"KeyId": house.authority.kek}, house.administrator)
    return heard.fact("by its ARN", heard.answer["KeyId"] == house.authority.kek)


@case("rotation")
def what_was_wrapped_before_a_rotation_is_unwrapped(house):
    house.sealed  # Wrapped under the material there is now.
    house.before.ask("kms", "RotateKeyOnDemand", {"KeyId": house.authority.kek}, house.administrator).worked()
    heard = house.open()
    return heard.fact("it is the one that was made", octets(heard.answer["Plaintext"]) == house.sealed["Plaintext"])


@case("rotation")
def a_rotation_is_listed(house):
    house.before.ask("kms", "RotateKeyOnDemand", {"KeyId": house.authority.kek}, house.administrator).worked()
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
def the_rotation_role_rotates(house):
    return house.kms("RotateKeyOnDemand", {"KeyId": house.authority.kek}, house.rotation)


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
