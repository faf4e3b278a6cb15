"""Postgres over TLS, with the server's certificate verified against a CA of our own."""

import ipaddress
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text
from tests.support.servers.postgres import PostgresServer

from chassis import clock
from chassis.settings import SettingsError
from chassis.storage.database import Database

pytestmark = pytest.mark.servers


class Authority:
    """A CA, and the certificates that it signs."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        self.certificate = self._signed(self._name, self._key.public_key(), constraints)

    def write(self, path: Path) -> Path:
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def issue(self, folder: Path) -> None:
        """Write `server.crt` and `server.key` of a server at 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "postgres")])
        certificate = self._signed(subject, key.public_key(), names)
        (folder / "server.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (folder / "server.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = clock.now()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(extension, critical=True)
            .sign(self._key, hashes.SHA256())
        )


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("ours")


@pytest.fixture(scope="module")
def secured(authority: Authority) -> Iterator[str]:
    """The URL of a database on a server that speaks TLS."""
    server = PostgresServer({"ssl": "on"})
    server.start(authority.issue)
    yield server.fresh_database("secured")
    server.stop()


def entered(url: str, mode: str, root: Path) -> str:
    database = Database.open(f"{url}?sslmode={mode}&sslrootcert={root}")
    try:
        database.enter()
        with database.read() as connection:
            used = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            return str(connection.execute(text(used)).scalar_one())
    except SettingsError as error:
        return str(error)
    finally:
        database.close()


def test_the_right_authority_and_the_right_name_are_let_through(
    secured: str, authority: Authority, tmp_path: Path
) -> None:
    assert entered(secured, "verify-full", authority.write(tmp_path / "ca.crt")) == "TLSv1.3"


def test_a_stranger_with_a_certificate_is_refused(secured: str, tmp_path: Path) -> None:
    message = entered(secured, "verify-full", Authority("another").write(tmp_path / "ca.crt"))
    assert "the database refuses us" in message
    assert "certificate verify failed" in message


def test_a_server_of_another_name_is_refused(
    secured: str, authority: Authority, tmp_path: Path
) -> None:
    elsewhere = secured.replace("127.0.0.1", "localhost")
    message = entered(elsewhere, "verify-full", authority.write(tmp_path / "ca.crt"))
    assert "does not match host name" in message


def test_a_missing_list_of_authorities_is_named(secured: str, tmp_path: Path) -> None:
    assert "root certificate file" in entered(secured, "verify-full", tmp_path / "none.crt")
