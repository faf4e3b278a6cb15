"""Applies the diagnostic rules to a case."""
