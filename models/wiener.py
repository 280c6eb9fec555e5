"""Noise reduction as the anomaly model's preprocessing begins: an adaptive Wiener filter.

The same numbers as ``scipy.signal.wiener`` (Lim, Two-Dimensional Signal and Image Processing, 1990, page 548), with OpenCV
alone, because a kiosk does not carry scipy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WINDOW = 3
"""Side of the neighbourhood in pixels."""


def wiener(image: NDArray[np.float32], window: int = WINDOW) -> NDArray[np.float32]:
    """Return ``image`` [rows, columns] with less noise, float32.

    Where the variance in the neighbourhood is no larger than that of the noise, the neighbourhood's mean is taken; elsewhere
    the pixel keeps as much of its difference from that mean as exceeds the noise. The noise is the mean of all local
    variances. Beyond the edges the image is taken to be 0.
    """
    mean = _local_mean(image.astype(np.float64), window)
    variance = _local_mean(image.astype(np.float64) ** 2, window) - mean**2
    noise = variance.mean()
    signal = variance > noise
    kept = np.divide(noise, variance, out=np.ones_like(variance), where=signal)
    return np.asarray(mean + (1.0 - kept) * (image - mean), dtype=np.float32)


def _local_mean(image: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    import cv2

    return np.asarray(cv2.boxFilter(image, cv2.CV_64F, (window, window), borderType=cv2.BORDER_CONSTANT))
