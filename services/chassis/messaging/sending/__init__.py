"""From the outbox to the broker: tables, the relay, in order and at least once."""
