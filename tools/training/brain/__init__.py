"""The brain models: slices of magnetic resonance images."""
