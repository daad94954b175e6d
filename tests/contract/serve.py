"""Runs ministack, completed, with the account that a portal needs, and says how a portal finds it.

    .tools/aws-clients/bin/python tests/contract/serve.py

One setting a line, as `halligan authority` writes them, and an empty line. It ends when its standard input does.
"""

import sys

from authorities import Completed


def main():
    with Completed() as peer:
        settings = {
            "AWS_ENDPOINT_URL": peer.endpoint,
            "AWS_REGION": peer.region,
            "AWS_ACCESS_KEY_ID": peer.backend.key,
            "AWS_SECRET_ACCESS_KEY": peer.backend.secret,
            "HALLIGAN_KEK": peer.kek,
            "HALLIGAN_AGREEMENT_KEY": peer.agreement,
            "HALLIGAN_DECRYPTER_ROLE": peer.decrypter,
            "HALLIGAN_REGISTRAR_ROLE": peer.registrar,
        }
        print(*(f"{name}={value}" for name, value in settings.items()), "", sep="\n", flush=True)
        sys.stdin.read()


main()
