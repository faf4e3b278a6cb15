"""`python -m <service> operate …`: an operator's commands, on the database and the broker alone."""
