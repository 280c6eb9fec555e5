"""Trains brain-type: meningioma, glioma or pituitary tumour on one contrast-enhanced T1 slice."""
