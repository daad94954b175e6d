"""Ciphertexts, keys and points."""

from authorities import allow
from clients import Heard
from .house import BASE, CONTEXT, RECORD, SPKI, House, case, moment


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
