"""Routes requests to the services, and merges what they say of themselves."""
