"""Hardware: one small protocol for each kind, the real driver and its simulated chip side by side."""
