"""``jinbang verify CREDENTIAL``: check a credential's signature and, where the register is at hand, its state."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import django

from jinbang.core.errors import Refusal


def main(argv: Sequence[str]) -> int:
    """0 if the signature holds and the certificate stands; 1 with the reason otherwise."""
    parser = argparse.ArgumentParser(prog="jinbang verify", description=__doc__)
    parser.add_argument("credential", help="a file with the credential (a compact JWS), or - for standard input")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    source = arguments.credential
    token = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    django.setup()
    from jinbang.certificates.domain.credential import signing_key, verify
    from jinbang.certificates.models import Certificate

    try:
        verified = verify(token, signing_key().public_key())
    except Refusal as refusal:
        return _tell({"valid": False, "reason": refusal.code, "message": str(refusal)}, arguments.json)
    number = verified.payload["credentialSubject"]["licenseNumber"]
    certificate = Certificate.objects.filter(number=number).first()
    state = "unknown" if certificate is None else certificate.state
    return _tell({"valid": state == "issued", "number": number, "state": state, "key": verified.key_id}, arguments.json)


def _tell(answer: dict[str, object], as_json: bool) -> int:
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print("\n".join(f"{name}: {value}" for name, value in answer.items()))
    return 0 if answer["valid"] else 1
