"""Firstlight's packages and what they need. The tools (ruff, mypy, pytest) are configured in pyproject.toml."""

from setuptools import find_packages, setup

ROOMS = ["drivers", "models", "device", "cloud_sync", "tools"]

PI = [
    "smbus2>=0.5",
    "spidev>=3.6",
    "gpiozero>=2.0",
    "lgpio>=0.2.2; python_version < '3.12'",  # newer: Debian's python3-lgpio, through --system-site-packages
]
ADAPTERS = [
    "adafruit-circuitpython-mlx90640>=1.3.9",
    # GPL-3, and always a choice of the user's: nothing of Firstlight imports it unless a device URL asks for it.
    "mfrc522==0.0.7",
]
TRAINING = [
    "tensorflow-cpu>=2.21,<2.22",
    "scikit-learn>=1.5",
    "scipy>=1.11",
    "matplotlib>=3.9",
    "tensorboard>=2.20",  # to look at the logs; writing them needs TensorFlow alone
]
FIREBASE = ["urllib3>=2.2"]  # all that a kiosk needs to speak to Firebase
CLOUD = [
    *FIREBASE,
    "firebase-admin>=7",  # an administrator's commands; a kiosk does without
    "fhir.resources>=8",  # what is exported is validated before it is written
]
DEV = [
    *CLOUD,
    "pytest>=8",
    "pytest-mock>=3.14",
    "pytest-timeout>=2.3",
    "pytest-xdist>=3.6",
    "hypothesis>=6",
    "setuptools>=77",  # the tests build a wheel, without internet
    "ruff>=0.9",
    "mypy>=1.15",
    "import-linter>=2.16",
    "playwright>=1.50",
    "scikit-learn>=1.5",  # with scipy: the parts of tools/training that need no TensorFlow are tested everywhere
    "argon2-cffi>=23",  # an independent implementation to check PINs against
    "smbus2>=0.5",
    "gpiozero>=2.0",
    "pydicom>=3",  # real DICOM slices through the brain gate, some of them JPEG 2000
    "pylibjpeg>=2",
    "pylibjpeg-openjpeg>=2",
]

setup(
    name="firstlight",
    version="0.1.0",
    description="Open firmware for a screening kiosk on a Raspberry Pi",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=[f"{room}{tail}" for room in ROOMS for tail in ("", ".*")]),
    include_package_data=False,  # package_data says it, and no source of versions is asked
    # In every package: shipped models, pages, languages, default settings. tests/test_wheel.py compares with the checkout.
    package_data={
        "": ["*.toml", "bundles/**/*", "locales/*", "static/**/*", "py.typed"],
        "cloud_sync": ["portal/dist/**/*"],  # the doctors' portal, where it was built: ./run does that
        "cloud_sync.firebase": ["*.rules", "*.json", ".npmrc"],
    },
    install_requires=[
        "numpy>=1.26",
        "ai-edge-litert>=2.1",
        "opencv-python-headless>=4.9",
        "aiohttp>=3.11",
        "cryptography>=50",
        "click>=8.1",
    ],
    extras_require={
        "pi": PI,
        "adapters": ADAPTERS,
        "photo": ["picamera2>=0.3.18"],
        "firebase": FIREBASE,
        "cloud": CLOUD,
        "mri": ["pydicom>=3", "pynetdicom>=3.0.4"],
        "training": TRAINING,
        "dev": DEV,
    },
    entry_points={
        "console_scripts": ["firstlight = tools.cli.main:main"],
        "pytest11": ["firstlight-conformance = drivers.conformance.plugin"],
    },
)
