"""The command firstlight: one small file for each sub-command."""
