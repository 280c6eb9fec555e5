"""The training of the brain-anomaly bundle: two autoencoders that know slices without tumour, and what their residual tells."""
