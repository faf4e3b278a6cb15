"""From the broker to the handlers: inbox, offsets, dead letters and the worker."""
