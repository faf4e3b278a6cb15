"""`python -m <service> operate …`: an operator's hands, on the database and the broker alone."""
