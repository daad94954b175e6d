"""What is malformed or out of bounds."""

from authorities import allow, document
from .house import CASES, CONTEXT, RECORD, Case, case


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
