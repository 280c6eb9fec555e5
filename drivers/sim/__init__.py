"""Simulated chips, wires, cards and bodies: product code, reviewed like drivers."""
