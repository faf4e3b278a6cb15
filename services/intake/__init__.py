"""Receives a case and follows its progress."""
