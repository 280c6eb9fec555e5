"""What pruning and quantisation save and cost: the same models in many sizes, measured as a kiosk runs them."""
