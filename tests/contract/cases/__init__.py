"""What is asked. Every case ends in one question; what our authority answers to it stands beside it.

A case is marked with what it is about, and a peer is asked what it can say something about. `raw` cases send what Amazon's own
clients would not, so the command line sits them out.
"""

from . import form, signatures, policies, key_policies, bounds, keys  # noqa: F401 - each notes its cases, in this order
from .house import CASES, House

__all__ = ["CASES", "House"]
