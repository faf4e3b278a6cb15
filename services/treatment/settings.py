"""What treatment needs from its environment."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """The common settings; treatment adds none."""

    default_audience: ClassVar[str | None] = "backmice"
