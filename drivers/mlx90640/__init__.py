"""Melexis MLX90640, 32×24 thermal array."""
