"""Carries what is in the store to the cloud."""
