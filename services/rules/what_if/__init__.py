"""What a missing finding could still change."""
