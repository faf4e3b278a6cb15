"""Brokers, and what moves events between them and a database: relay, worker, dead letters."""
