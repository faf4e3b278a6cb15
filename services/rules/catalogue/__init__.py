"""The catalogue: labels, versions, differences and proofs of rules, and their HTTP routes."""
