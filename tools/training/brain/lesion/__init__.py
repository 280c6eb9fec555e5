"""Trains and measures the lesion bundle: where in an MR slice a tumour lies, and from that whether one is seen."""
