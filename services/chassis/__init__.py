"""What every service needs and no medicine cares about."""
