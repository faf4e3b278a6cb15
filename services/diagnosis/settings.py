"""What diagnosis needs from its environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chassis.settings import env_file, env_path, env_str


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
        database_password_file: Holds the password, if the URL does not.
    """

    database_url: str
    broker_url: str
    run_dir: Path
    jwks_file: Path
    audience: str
    log_format: str
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
            database_password_file=env_file("DATABASE_PASSWORD_FILE"),
        )
