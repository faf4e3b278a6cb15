"""Proposes the next step of care, and says why."""
