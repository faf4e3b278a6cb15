"""How a Kafka cluster is reached: from a URL and the environment to the client's options."""

import contextlib
import importlib.util
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from chassis.messaging.port import BrokerUnavailable
from chassis.settings import SettingsError, env_str

CONNECT_MS: Final = 5_000
REQUEST_MS: Final = 10_000
_RECONNECT_MS: Final = 1_000

_SECURITY: Final = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
_MECHANISMS: Final = ("SCRAM-SHA-256", "SCRAM-SHA-512")
_FORM: Final = "kafka://host:port[,host:port…][?security=…&mechanism=…]"


@dataclass(frozen=True)
class Connection:
    """Where a cluster is and how one is let in.

    Attributes:
        servers: `host:port` of some brokers; they name the others.
        security: a protocol of Kafka's listeners, in lower case.
        mechanism: how the password is proved, with `sasl_…` only.
        username: whose password.
        password: never shown.
        ca_file: who signs the brokers' certificates; None for the system's own list.
    """

    servers: tuple[str, ...]
    security: str = "plaintext"
    mechanism: str = "SCRAM-SHA-512"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None

    @classmethod
    def from_url(cls, url: str, *, environ: Mapping[str, str] | None = None) -> Self:
        """Read a URL, and what is secret from the environment.

        Args:
            url: kafka://host:port[,host:port…][?security=…&mechanism=…].
            environ: where to look, the process environment unless a test says otherwise.

        Raises:
            SettingsError: something is missing or unknown; the sentence says what.
        """
        parts = urlsplit(url)
        if "@" in parts.netloc or not parts.netloc:
            raise SettingsError(
                f"BROKER_URL must be {_FORM}; name and password come from KAFKA_USERNAME and "
                "KAFKA_PASSWORD_FILE"
            )
        options = _options(parts.query)
        ca_file = env_str("KAFKA_CA_FILE", "", environ=environ)
        made = cls(
            servers=tuple(parts.netloc.split(",")),
            security=options.get("security", cls.security),
            mechanism=options.get("mechanism", cls.mechanism),
            ca_file=_existing("KAFKA_CA_FILE", ca_file) if ca_file else None,
        )
        return made._with_password(environ) if made.security.startswith("sasl") else made

    def options(self) -> dict[str, Any]:
        """Return what every client of the library gets as options."""
        options: dict[str, Any] = {
            "bootstrap_servers": list(self.servers),
            "bootstrap_timeout_ms": CONNECT_MS,
            "request_timeout_ms": REQUEST_MS,
            "reconnect_backoff_max_ms": _RECONNECT_MS,
            "security_protocol": self.security.upper(),
        }
        if self.security.endswith("ssl"):
            options["ssl_context"] = ssl.create_default_context(cafile=self.ca_file)
        if self.security.startswith("sasl"):
            options |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return options

    @contextlib.contextmanager
    def building(self) -> Iterator[dict[str, Any]]:
        """Give the options for a client that is built inside the block.

        A constructor of the library that fails leaves a thread and sockets behind, of which only
        the network client that it was given knows; so we make that one, and close it. It also
        knows why nobody could be reached, which the library only logs.

        Raises:
            BrokerUnavailable: the client could not be built; the sentence says why.
        """
        made: list[_NetClient] = []

        def client(**configuration: Any) -> _NetClient:
            made.append(_NetClient(**configuration))
            return made[-1]

        try:
            yield self.options() | {"kafka_client": client}
        except (KafkaError, OSError) as error:
            reasons = [reason for one in made for reason in one.reasons]
            raise BrokerUnavailable(self._why(reasons or [sentence(error)])) from error
        else:
            made.clear()  # whoever was built closes it
        finally:
            for one in made:
                one.close()

    def _why(self, reasons: Sequence[str]) -> str:
        """Put reasons into one sentence; a broker may hang up before it says "wrong password"."""
        sentence = f"{', '.join(self.servers)}: {'; '.join(reasons)}"
        if self.security.startswith("sasl") and "disconnected" in sentence:
            sentence += f" (does authentication fail: is {self.username}'s password right?)"
        return sentence

    def _with_password(self, environ: Mapping[str, str] | None) -> Self:
        file = _existing("KAFKA_PASSWORD_FILE", env_str("KAFKA_PASSWORD_FILE", environ=environ))
        return type(self)(
            servers=self.servers,
            security=self.security,
            mechanism=self.mechanism,
            username=env_str("KAFKA_USERNAME", environ=environ),
            password=file.read_text(encoding="utf-8").strip(),
            ca_file=self.ca_file,
        )


class _NetClient(KafkaNetClient):  # type: ignore[misc] # the library has no types
    def __init__(self, **configuration: Any) -> None:
        net = NetworkSelector(**configuration)
        manager = _Manager(net, **configuration)
        super().__init__(net=net, manager=manager)

    @property
    def reasons(self) -> list[str]:
        reasons: list[str] = self._manager.reasons
        return reasons


class _Manager(KafkaConnectionManager):  # type: ignore[misc] # as above
    """Remembers why connections could not be made."""

    def __init__(self, net: NetworkSelector, **configuration: Any) -> None:
        super().__init__(net, **configuration)
        self.reasons: list[str] = []

    def get_connection(self, *arguments: Any, **options: Any) -> Any:
        connection = super().get_connection(*arguments, **options)
        connection.init_future.add_errback(self._note)
        return connection

    def _note(self, error: BaseException) -> None:
        reason = str(error)
        if reason not in self.reasons:
            self.reasons = [*self.reasons[-2:], reason]


@contextlib.contextmanager
def unavailable_on_error() -> Iterator[None]:
    """Say "unavailable" for whatever the client raises."""
    try:
        yield
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(sentence(error)) from error


def sentence(error: BaseException) -> str:
    """Return what went wrong, without anything of a record."""
    return f"{type(error).__name__}: {error}"


def require_checksums() -> None:
    """Refuse to start without the compiled checksums.

    Raises:
        SettingsError: the client would compute them in Python, many times slower.
    """
    if importlib.util.find_spec("crc32c") is None:
        raise SettingsError(
            "the package crc32c is not installed, and Kafka's checksums are too slow without it"
        )


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    known = {"security": _SECURITY, "mechanism": _MECHANISMS}
    for name, value in options.items():
        if name not in known:
            raise SettingsError(f"BROKER_URL has an option that we do not know: {name}")
        if value not in known[name]:
            raise SettingsError(f"BROKER_URL: {name} must be one of {', '.join(known[name])}")
    return options


def _existing(name: str, path: str) -> Path:
    if not Path(path).is_file():
        raise SettingsError(f"{name} names no file: {path}")
    return Path(path)
