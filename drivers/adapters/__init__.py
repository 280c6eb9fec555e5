"""Optional adapters for other people's drivers."""
