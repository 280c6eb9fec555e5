"""The report of an evaluation: plots as PNG, and one page that holds everything."""
