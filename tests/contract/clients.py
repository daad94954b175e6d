"""Amazon's own clients: boto3, and the aws command line. Both ask, and tell what came back."""

import contextlib
import dataclasses
import datetime
import json
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest.mock
import xml.etree.ElementTree

import boto3
import botocore
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions

AWS = pathlib.Path(__file__).resolve().parents[2] / ".tools/aws-clients/bin/aws"
# Those headers that a client could depend on.
HEADERS = ("content-type", "x-amzn-requestid", "date")
# Kinds of JSON's values, where one is not told from another.
KINDS = {int: "number", float: "number"}


@dataclasses.dataclass(frozen=True)
class Credentials:
    key: str
    secret: str
    token: str | None = None

    @classmethod
    def of(cls, answer: dict) -> "Credentials":
        """Those that AssumeRole answered with."""
        issued = answer["Credentials"]
        return cls(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"])


@dataclasses.dataclass
class Heard:
    """What came back: `ok` or the error's code, the HTTP status, the answer's members and headers by name, and the answer itself."""

    code: str
    status: int | None = None
    members: frozenset[str] = frozenset()
    answer: dict = dataclasses.field(default_factory=dict)
    facts: dict[str, bool] = dataclasses.field(default_factory=dict)

    def fact(self, name: str, holds: bool) -> "Heard":
        """Something that must hold of the answer."""
        self.facts[name] = holds
        return self

    def worked(self) -> dict:
        if self.code != "ok":
            raise AssertionError(f"what leads up to the question was refused: {self.code} {self.answer}")
        return self.answer


class Boto:
    """boto3. It can send what its own checks would refuse, and be tampered with on the way."""

    name = "boto3"
    raw = True

    def __init__(self, authority):
        self._authority = authority
        self._session = boto3.session.Session()
        self._clients = {}
        # One call at a time: hooks of the client tell what it sends and hears, and they hear every call.
        self._calling = threading.Lock()

    def client(self, service: str, credentials: Credentials | None, **options):
        # Made once for each: making one is slow.
        key = (service, credentials, tuple(sorted(options.items())))
        if key not in self._clients:
            secret = credentials or Credentials("none", "none")
            config = botocore.config.Config(
                parameter_validation=False,
                retries={"total_max_attempts": 1},
                read_timeout=30,
                signature_version=botocore.UNSIGNED if credentials is None else None,
            )
            self._clients[key] = self._session.client(
                service,
                endpoint_url=self._authority.endpoint,
                region_name=options.get("region", self._authority.region),
                aws_access_key_id=secret.key,
                aws_secret_access_key=secret.secret,
                aws_session_token=secret.token,
                config=config,
            )
        return self._clients[key]

    def ask(self, service, operation, parameters, credentials, *, skew=0, tamper=None, **options) -> Heard:
        """One call. `skew` puts the client's clock off by seconds; `tamper` changes the request after it was signed."""
        with self._calling:
            return self._ask(service, operation, parameters, credentials, skew, tamper, options)

    def _ask(self, service, operation, parameters, credentials, skew, tamper, options) -> Heard:
        client = self.client(service, credentials, **options)
        seen = {}

        def before_parse(response_dict, **_):
            seen.update(response_dict)

        events = client.meta.events
        events.register("before-parse", before_parse)
        if tamper:
            events.register("before-send", tamper)
        try:
            with clock_off(skew):
                answer = getattr(client, botocore.xform_name(operation))(**parameters)
            code = "ok"
        except botocore.exceptions.ClientError as refused:
            answer, code = refused.response, refused.response["Error"]["Code"]
        finally:
            events.unregister("before-parse", before_parse)
            if tamper:
                events.unregister("before-send", tamper)
        metadata = answer.pop("ResponseMetadata")
        headers = {name.lower(): value for name, value in seen["headers"].items()}
        members = members_of(seen["body"]) | {header(name, headers[name]) for name in HEADERS if name in headers}
        return Heard(code, metadata["HTTPStatusCode"], frozenset(members), answer)


def clock_off(seconds: int):
    if not seconds:
        return contextlib.nullcontext()
    off = datetime.timedelta(seconds=seconds)
    honest = botocore.auth.get_current_datetime
    return unittest.mock.patch.object(botocore.auth, "get_current_datetime", lambda *a, **k: honest(*a, **k) + off)


def signed_anew(credentials: Credentials, service: str, region: str, headers: dict[str, str] | None = None):
    """Puts a signature for another service or Region, or with other headers, in place of the right one."""

    def sign(request, **_):
        signature = ("authorization", "x-amz-date")
        kept = {name: text_of(value) for name, value in request.headers.items() if name.lower() not in signature}
        kept |= headers or {}
        anew = botocore.awsrequest.AWSRequest(method=request.method, url=request.url, data=request.body, headers=kept)
        keys = botocore.credentials.Credentials(credentials.key, credentials.secret, credentials.token)
        botocore.auth.SigV4Auth(keys, service, region).add_auth(anew)
        for name in ("X-Amz-Date", "Authorization", *(headers or {})):
            request.headers.pop(name, None)
            request.headers[name] = anew.headers[name]

    return sign


def text_of(header) -> str:
    """botocore keeps some headers as bytes."""
    return header.decode() if isinstance(header, bytes) else header


def header(name: str, value: str) -> str:
    """A header by its name; what is in it where that is part of the form."""
    return f"header {name}: {value.split(';')[0]}" if name == "content-type" else f"header {name}"


def members_of(body: bytes) -> set[str]:
    """The names of everything in an answer, as it came over the wire."""
    text = body.decode()
    if text.lstrip().startswith("<"):
        return set(xml_names(xml.etree.ElementTree.fromstring(text), ""))
    return set(json_names(json.loads(text), "")) if text else set()


def xml_names(element, above: str):
    space, _, name = element.tag.rpartition("}")
    if not above:
        yield f"namespace {space.lstrip('{') or 'none'}"
    path = f"{above}/{name}".lstrip("/")
    if not len(element):
        yield path
    for child in element:
        yield from xml_names(child, path)


def json_names(value, above: str):
    if isinstance(value, dict):
        for name, below in value.items():
            yield from json_names(below, f"{above}.{name}".lstrip("."))
    else:
        yield f"{above}: {KINDS.get(type(value), type(value).__name__)}"


class CommandLine:
    """The aws command. It shows no status and no header, and sends nothing that its own checks refuse."""

    name = "aws"
    raw = False

    def __init__(self, authority):
        self._authority = authority
        self._models = boto3.session.Session()

    def ask(self, service, operation, parameters, credentials) -> Heard:
        blobs = {name: value for name, value in parameters.items() if isinstance(value, bytes)}
        with tempfile.TemporaryDirectory() as folder:
            words = [str(AWS), "--endpoint-url", self._authority.endpoint, "--output", "json"]
            words += [service, botocore.xform_name(operation, "-")]
            rest = {name: value for name, value in parameters.items() if name not in blobs}
            words += ["--cli-input-json", json.dumps(rest)]
            for name, value in blobs.items():
                file = pathlib.Path(folder, name)
                file.write_bytes(value)
                words += [f"--{botocore.xform_name(name, '-')}", f"fileb://{file}"]
            done = subprocess.run(words, capture_output=True, text=True, env=self._environment(credentials, folder))
        if done.returncode == 0:
            return Heard("ok", answer=json.loads(done.stdout or "{}"))
        refused = re.search(r"An error occurred \((\w+)\) when calling the \w+ operation", done.stderr)
        if not refused:
            raise AssertionError(f"aws {' '.join(words[5:7])} failed by itself: {done.stderr.strip()}")
        return Heard(refused[1])

    def _environment(self, credentials: Credentials, home: str) -> dict:
        names = {
            "HOME": home,
            "AWS_REGION": self._authority.region,
            "AWS_DEFAULT_REGION": self._authority.region,
            "AWS_ACCESS_KEY_ID": credentials.key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_CLI_AUTO_PROMPT": "off",
        }
        if credentials.token:
            names["AWS_SESSION_TOKEN"] = credentials.token
        return {"PATH": os.environ["PATH"], **names}
