"""The breast model: one thermal image of a chest."""
