"""A patient's visit: a table of states, and what happens in each."""
