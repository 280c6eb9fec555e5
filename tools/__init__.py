"""For technicians and data scientists."""
