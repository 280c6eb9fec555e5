"""The gate before the brain models: is this a slice of a head by magnetic resonance, upright and in its frame?"""
