"""Tools for tests: invariants, processes, and a broker that misbehaves on purpose."""
