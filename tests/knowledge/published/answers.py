"""Runs a record through the two clinical domains, as their services do."""
