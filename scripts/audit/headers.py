"""Has the headers of the portal's pages judged, over TLS."""

import os
import subprocess
import sys

from served import Served

with Served("tls") as portal:
    addresses = [portal.words["address"] + page for page in ("/", "/desk", "/viewer")]
    known = {**os.environ, "NODE_EXTRA_CA_CERTS": portal.words["certificate"]}
    judged = subprocess.run(["node", "scripts/audit/headers.mjs", *addresses], env=known, check=False)
sys.exit(judged.returncode)
