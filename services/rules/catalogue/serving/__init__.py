"""The part of the catalogue that is served and stored: routes, bodies, rule sets, verdicts."""
