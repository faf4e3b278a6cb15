"""Brokers, and the road between them and a database: relay, worker, dead letters."""
