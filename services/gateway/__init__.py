"""The one door: routes requests to the services."""
