"""What intake needs from its environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from chassis.settings import env_file, env_int, env_path, env_str

THREADS: Final = 16
"""As in the configuration of the HTTP server, unless THREADS says otherwise."""


BELL: Final = "api-"
"""How the doorbells of API processes begin; each has a name of its own, for all are rung."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations.

    Attributes:
        database_url: This service's own database.
        broker_url: The event log.
        run_dir: Doorbells and locks of this service.
        jwks_file: Public keys that sign tokens.
        audience: Whom tokens must be meant for.
        log_format: `json` or `text`.
        seats: How many clients may wait for their plan at a time; the next gets its answer at once.
        longest_queue: Events that may wait for the broker before new work is refused.
        least_free_bytes: Space on the database's disk below which new work is refused.
        database_password_file: Holds the password, if the URL does not.
    """

    database_url: str
    broker_url: str
    run_dir: Path
    jwks_file: Path
    audience: str
    log_format: str
    seats: int
    longest_queue: int
    least_free_bytes: int
    database_password_file: Path | None = None

    @classmethod
    def from_environment(cls) -> Self:
        """Reads them.

        Raises:
            SettingsError: One is missing or malformed; the sentence says which.
        """
        return cls(
            database_url=env_str("DATABASE_URL"),
            broker_url=env_str("BROKER_URL", ""),
            run_dir=env_path("RUN_DIR"),
            jwks_file=env_path("JWKS_FILE", Path("jwks.json")),
            audience=env_str("TOKEN_AUDIENCE", "backmice"),
            log_format=env_str("LOG_FORMAT", "json"),
            # whoever waits holds a thread; a third of them stays free for everybody else
            seats=env_int("WAITING_SEATS", env_int("THREADS", THREADS) * 2 // 3),
            longest_queue=env_int("LONGEST_QUEUE", 1_000_000),
            least_free_bytes=env_int("LEAST_FREE_BYTES", 256 * 1024 * 1024),
            database_password_file=env_file("DATABASE_PASSWORD_FILE"),
        )
