"""What an engineer would build instead, measured beside the product on the same servers."""
