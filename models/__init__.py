"""Model bundles, and the code that verifies, loads, feeds and explains them."""
