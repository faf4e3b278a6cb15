"""Content as JSON, spelled in one way only, so that equal content has one digest."""

import datetime as dt
import json
from typing import Any


def canonical(content: Any) -> bytes:
    """Write JSON content so that equal content gives equal bytes."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def plain(value: Any) -> Any:
    """Make JSON values of TOML values: a date becomes its ISO spelling."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value
