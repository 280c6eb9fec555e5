// Colour maps in which equal steps look equal: inferno (N. Smith and S. van der Walt, CC0) for temperature, and two diverging ones,
// vik and bam (F. Crameri, "Scientific colour maps", doi:10.5281/zenodo.1243862, MIT), for what has a sign. 64 samples each; between
// them interpolation is within 2 of 255 of the original.

const INFERNO = [
  "00000402010a04031207051b0b072410092d150b371b0c41210c4a280b532f0a5b3609613d0965440a684a0c6b510e6c",
  "59106e5f136e65156e6c186e721a6e781c6d7f1e6c85216b8c23699225689827669f2a63a52c60ab2f5eb1325ab73557",
  "bf3952c43c4eca404acf4446d44842d94d3dde5238e25734e65d2fea632aed6925f06f20f3761bf57d15f78410f98b0b",
  "fa9407fb9b06fca309fcaa0ffcb216fbba1ffac228f9c932f7d13df5d949f4e156f2e865f1ef75f3f586f6fa96fcffa4",
].join("");

const VIK = [
  "001261011865021f6902256d022b71023175023779033e7d034481034a8505518907578d0c5e921366971c6d9c2575a1",
  "337fa83f87ad4b90b35798b964a0be71a8c47db0c98ab8ce97c0d4a3c7d9b0cfdebdd6e3c9dde7d5e3e9e0e6e9e8e7e5",
  "eee3dceeddd3edd5c8eacebde7c6b2e4bea8e0b69dddae93daa688d69f7ed39774d0906bcd8961ca8258c77b4fc47445",
  "c06b3abd6431b85c28b3531fad4a16a5400f9c3709942f068b27068321067c1b067415066d1007670a07600408590008",
].join("");

const BAM = [
  "65024b6e0d5477175d7f1f6688276e902e7697357e9e3c85a5438cac4993b25099b8579fbd5ea5c266abc86eb0cc76b6",
  "d281bdd68ac2da93c8de9ccde1a5d1e4aed6e7b7dbeac0dfedc8e3efd0e7f2d7eaf3ddedf5e3eff6e8f1f6ecf1f6eff1",
  "f5f2f0f4f3edf2f3eaeff3e5ebf1dfe6efd7e0eccfdae9c5d2e4bacadfaec1daa2b7d395adcd89a3c67d99be728fb768",
  "83ae5c7aa75472a04d6999466293405a8d3a5387354c812f457b2a3e7525376e1f306819286113205a0d1753060d4c00",
].join("");

function sampled(hex) {
  return Array.from({ length: hex.length / 6 }, (_, index) =>
    [0, 2, 4].map((offset) => parseInt(hex.slice(index * 6 + offset, index * 6 + offset + 2), 16)),
  );
}

// Return 256 colours as [red, green, blue].
function table(hex) {
  const samples = sampled(hex);
  return Array.from({ length: 256 }, (_, index) => {
    const at = (index / 255) * (samples.length - 1);
    const low = Math.min(Math.floor(at), samples.length - 2);
    return [0, 1, 2].map((channel) => samples[low][channel] + (at - low) * (samples[low + 1][channel] - samples[low][channel]));
  });
}

export const PALETTES = {
  inferno: table(INFERNO),
  vik: table(VIK),
  bam: table(BAM),
  grey: Array.from({ length: 256 }, (_, index) => Array(3).fill(24 + index * 0.8)),
};

export function colour(palette, fraction) {
  return palette[Math.round(Math.min(1, Math.max(0, fraction)) * 255)];
}
