"""Two autoencoders, G (generator) and D (discriminator), and how they are trained together.

The losses follow H. S. Vu et al., "Anomaly Detection with Adversarial Dual Autoencoders" (2019, arXiv:1902.06924); the
balance k follows D. Berthelot et al., "BEGAN" (2017, arXiv:1703.10717, section 3.4), because the literal discriminator loss is
unbounded below. There is no batch normalisation: D sees two kinds of images in turn, and statistics of their mixture fit
neither.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from models.anomaly_input import SIDE
from tools.training.brain.anomaly.slices import Images, augmented
from tools.training.run import Run, seed_of

FILTERS = (16, 32, 64, 64)
"""Of the encoder's convolutions, each of which halves the side."""
LATENT = 64
GAMMA = 0.5
"""BEGAN's diversity ratio: what D's error on G(x) should be, relative to its error on x."""
LAMBDA = 1e-3
"""BEGAN's gain of k."""
BATCH = 16
EPOCHS = 12
LEARNING_RATE = 1e-3


def autoencoder(name: str) -> Any:
    """Return a Keras model [n, 64, 64, 1] → (image [n, 64, 64, 1] in −1 to 1, latent [n, 64])."""
    entry = keras.Input((SIDE, SIDE, 1), name=f"{name}_input")
    x = entry
    for index, filters in enumerate(FILTERS):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu", name=f"{name}_down{index}")(x)
    small = x.shape[1:]
    latent = layers.Dense(LATENT, name=f"{name}_latent")(layers.Flatten(name=f"{name}_flat")(x))
    x = layers.Dense(int(np.prod(small)), activation="relu", name=f"{name}_grow")(latent)
    x = layers.Reshape(small, name=f"{name}_places")(x)
    for index, filters in enumerate(FILTERS[-2::-1]):
        x = _doubled(x, filters, "relu", f"{name}_up{index}")
    image = _doubled(x, 1, "tanh", f"{name}_image")
    return keras.Model(entry, [image, latent], name=name)


def _doubled(x: Any, filters: int, activation: str, name: str) -> Any:
    """Return ``x`` at twice the side; a kernel of twice the stride reaches every pixel equally often."""
    return layers.Conv2DTranspose(filters, 4, strides=2, padding="same", activation=activation, name=name)(x)


class Daegan(keras.Model):  # type: ignore[misc]
    """G and D, trained in one step on one optimiser: Adam treats each variable alone, so it is two optimisers in one.

    Called, it is the network that is shipped: [n, 64, 64, 1] → (D(G(x)) [n, 64, 64, 1], G's latent [n, 64]).
    """

    def __init__(self) -> None:
        super().__init__(name="daegan")
        self.generator, self.discriminator = autoencoder("generator"), autoencoder("discriminator")
        self.k = self.add_weight(shape=(), initializer="zeros", trainable=False, name="k")
        self._means = [keras.metrics.Mean(name=name) for name in ("generator", "real", "fake")]
        self.build((None, SIDE, SIDE, 1))

    def build(self, input_shape: Any) -> None:
        """Nothing to make: both networks are there."""
        self.built = True

    @property
    def metrics(self) -> list[Any]:
        return list(self._means)

    def call(self, images: Any) -> Any:
        made, latent = self.generator(images)
        return self.discriminator(made)[0], latent

    def train_step(self, images: Any) -> dict[str, Any]:
        """Learn from one batch [n, 64, 64, 1].

        G minimises ‖x − G(x)‖₁ + ‖G(x) − D(G(x))‖₁, D minimises ‖x − D(x)‖₁ − k‖G(x) − D(G(x))‖₁, each norm a mean over pixels.
        """
        ours, theirs = self.generator.trainable_variables, self.discriminator.trainable_variables
        with tf.GradientTape(persistent=True) as tape:
            made = self.generator(images, training=True)[0]
            seen_real, seen_made = tf.split(self.discriminator(tf.concat([images, made], axis=0), training=True)[0], 2)
            real, fake = _l1(images, seen_real), _l1(made, seen_made)
            of_generator = _l1(images, made) + fake
            of_discriminator = real - self.k * fake
        gradients = [*tape.gradient(of_generator, ours), *tape.gradient(of_discriminator, theirs)]
        self.optimizer.apply_gradients(zip(gradients, [*ours, *theirs], strict=True))
        self.k.assign(tf.clip_by_value(self.k + LAMBDA * (GAMMA * real - fake), 0.0, 1.0))
        for mean, value in zip(self._means, (of_generator, real, fake), strict=True):
            mean.update_state(value)
        return {**{mean.name: mean.result() for mean in self._means}, "k": self.k + 0.0}

    def shipped(self) -> Any:
        """Return the functional network that is converted."""
        entry = keras.Input((SIDE, SIDE, 1), name="slice")
        return keras.Model(entry, list(self.call(entry)), name="brain_anomaly")


def _l1(a: Any, b: Any) -> Any:
    return tf.reduce_mean(tf.abs(a - b))


def fit(images: Images, *, epochs: int, run: Run) -> Daegan:
    """Train on ``images`` [n, 64, 64] without tumour, going on where an interrupted run stopped."""
    steps = max(len(images) // BATCH, 1)
    keras.utils.set_random_seed(run.seed)  # whatever was drawn before, the first weights are these
    model = Daegan()
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps * epochs, alpha=0.01)
    model.compile(optimizer=keras.optimizers.Adam(rate, beta_1=0.5))

    def epoch_of(epoch: int) -> Any:
        rng = np.random.default_rng(seed_of(run.seed, "augmentation", epoch))
        changed = augmented(images[rng.permutation(len(images))], rng)[..., None]
        return tf.data.Dataset.from_tensor_slices(changed).batch(min(BATCH, len(images)), drop_remainder=True)

    run.fit(model, epoch_of, epochs=epochs, name="daegan", steps=steps)
    return model
