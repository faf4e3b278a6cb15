"""Certificates for tests: an authority made on the spot, and what it signs."""

import ipaddress
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from chassis.clock import now

LIFE = timedelta(days=1)


class Authority:
    """Signs certificates for this machine; `file` is what clients must trust."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder, self._name, self._key = folder, _name(name), _key()
        self.file = folder / f"{name}.pem"
        limits = x509.BasicConstraints(ca=True, path_length=0)
        made = _draft(self._name, self._name, self._key).add_extension(limits, critical=True)
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def issue(self, name: str = "localhost", address: str = "127.0.0.1") -> tuple[Path, Path]:
        """Write a certificate for a name and an address, and its key; returns both files."""
        key = _key()
        names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address(address))]
        draft = _draft(_name(name), self._name, key)
        draft = draft.add_extension(x509.SubjectAlternativeName(names), critical=False)
        signed = draft.sign(self._key, hashes.SHA256())
        certificate, secret = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        certificate.write_bytes(signed.public_bytes(Encoding.PEM))
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        secret.chmod(0o600)
        return certificate, secret


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - LIFE)
        .not_valid_after(now() + LIFE)
    )


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
