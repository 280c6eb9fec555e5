"""Why a model does not load or does not answer. A message says which bundle or input, what is wrong, and what to do."""

from __future__ import annotations


class ModelError(Exception):
    """Any fault of a bundle or of what is fed to it."""


class BundleMissing(ModelError, FileNotFoundError):
    """There is no bundle at that path, or a file of it is missing."""


class BundleCorrupt(ModelError, ValueError):
    """A file's hash differs from the one in the bundle, or the model file is no FlatBuffer of the promised shape."""


class CardIncomplete(ModelError, ValueError):
    """The bundle's card lacks something that a person needs in order to trust it."""


class NotTrusted(ModelError):
    """The bundle is whole, but nothing says that it comes from somebody whom this device trusts."""


class SignatureMissing(NotTrusted):
    """The bundle came from outside the installed package, and nobody has signed it."""


class SignatureInvalid(NotTrusted, ValueError):
    """The signature is no signature, or does not belong to this bundle."""


class KeyUnknown(NotTrusted):
    """The bundle is signed, but by nobody whose key is on this device."""


class BadSigningKey(ModelError, ValueError):
    """A file is no Ed25519 key, cannot be read, or is there already."""


class GoldenMismatch(ModelError, ValueError):
    """The network does not give the outputs that its bundle promises: it, the runtime or the machine is another one."""


class TrialFailed(ModelError):
    """The bundle's first run, in a process of its own, crashed, hung, or gave something else than its golden outputs."""


class ActivationBusy(ModelError):
    """Somebody else is activating a bundle on this device at this moment."""


class ActivationFailed(ModelError, OSError):
    """The bundle is fine, but could not be written to the device's models folder; the earlier one stays active."""


class UnknownModel(ModelError, LookupError):
    """The bundle's name is none that this version of Firstlight knows."""


class WrongModality(ModelError, ValueError):
    """The bundle was made for another kind of image."""


class WrongTask(ModelError, ValueError):
    """The bundle gives another kind of answer than the one that is needed here."""


class RuntimeMissing(ModelError, ImportError):
    """No inference runtime is installed, or it does not fit the installed numpy."""


class BadInput(ModelError, ValueError):
    """The image has the wrong shape or dtype, or holds values that are no temperatures."""
