// Colour maps in which equal steps look equal. Viridis and inferno: N. Smith and S. van der Walt (CC0). Cividis: J. Nuñez, C. Anderton,
// R. Renslow, doi:10.1371/journal.pone.0199239 (CC0), readable with every kind of colour blindness. For what has a sign, vik and bam:
// F. Crameri, "Scientific colour maps", doi:10.5281/zenodo.1243862 (MIT). 64 samples each; between them interpolation is within
// 1 of 255 of the original (cividis and the diverging ones: 4).

const TABLES = {
  inferno:
    "00000402010a04031307051b0b072410092e150b381b0c41220c4b280b54300a5b3709613e0966450a694b0c6b520e6d" +
    "58106e5f136e65156e6c186e721a6e781c6d7f1e6c85216b8c23699225689928659f2a63a52d60ac2f5db2325ab83557" +
    "be3853c43c4fc9404bcf4446d44842d94d3ddd5239e25734e65d2fea632aed6925f06f20f3761bf57d15f78410f98b0b" +
    "fa9207fb9a06fca108fca90efcb115fbb91efac127f9c931f7d13cf6d948f4e055f2e864f1ef74f3f585f6fa96fcffa4",
  viridis:
    "44015446075a470d6047136548186b481e6f482374482878472d7c46327f453782433c844241864046883e4a893c4f8a" +
    "3a538b38578c365c8d34608d32648e31688e2f6c8e2d708e2c748e2a778e297b8e277f8e26838e24878e238a8d218e8d" +
    "20928c1f968b1f9a8a1f9d891fa18721a58623a98426ac812ab07f2fb47c35b7793bbb7542be714ac26d52c5695ac864" +
    "63cb5f6cce5976d05480d34d8ad54794d8419fda3aa9dc33b4dd2cbfdf25cae01fd4e21adfe318e9e41af3e61efde725",
  cividis:
    "00224e00255400285b002b63002e6a0030700633701236701b386f223b6e283e6e2d416d32446d37476c3c496c404c6c" +
    "444f6c48526c4c556c50576c545a6d575d6d5b606e5f636f62666f666870696b716d6e727071737474757777767a7a78" +
    "7e7d788280788683798986788d8978918c78958f779992779d9576a19875a59c74a99f73ada272b2a570b6a96fbaac6d" +
    "beaf6bc2b369c7b667cbba64cfbd62d4c15fd8c45cddc859e1cc55e5cf51ead34defd748f3db42f8df3cfde234fee838",
  vik:
    "001261011865021f6902256d022b71023175023779033e7d034481034a8505518907578d0c5e921366971c6d9c2575a1" +
    "337fa83f87ad4b90b35798b964a0be71a8c47db0c98ab8ce97c0d4a3c7d9b0cfdebdd6e3c9dde7d5e3e9e0e6e9e8e7e5" +
    "eee3dceeddd3edd5c8eacebde7c6b2e4bea8e0b69dddae93daa688d69f7ed39774d0906bcd8961ca8258c77b4fc47445" +
    "c06b3abd6431b85c28b3531fad4a16a5400f9c3709942f068b27068321067c1b067415066d1007670a07600408590008",
  bam:
    "65024b6e0d5477175d7f1f6688276e902e7697357e9e3c85a5438cac4993b25099b8579fbd5ea5c266abc86eb0cc76b6" +
    "d281bdd68ac2da93c8de9ccde1a5d1e4aed6e7b7dbeac0dfedc8e3efd0e7f2d7eaf3ddedf5e3eff6e8f1f6ecf1f6eff1" +
    "f5f2f0f4f3edf2f3eaeff3e5ebf1dfe6efd7e0eccfdae9c5d2e4bacadfaec1daa2b7d395adcd89a3c67d99be728fb768" +
    "83ae5c7aa75472a04d6999466293405a8d3a5387354c812f457b2a3e7525376e1f306819286113205a0d1753060d4c00",
} as const;

/** 256 colours, red, green, blue from 0 to 255. */
export type Palette = Uint8ClampedArray;
export type PaletteName = "inferno" | "viridis" | "cividis" | "grey" | "vik" | "bam";
/** For a temperature: one end dark, one end light. */
export const SEQUENTIAL: readonly PaletteName[] = ["inferno", "viridis", "cividis", "grey"];

/** What an isotherm is drawn in: a colour that the palette does not hold. */
export const ISOTHERM: Readonly<Record<PaletteName, readonly [number, number, number]>> = {
  inferno: [64, 235, 190],
  viridis: [255, 92, 214],
  cividis: [255, 92, 150],
  grey: [64, 235, 190],
  vik: [120, 220, 60],
  bam: [255, 190, 40],
};

function table(hex: string): Palette {
  const samples = hex.length / 6;
  const at = (sample: number, channel: number): number => parseInt(hex.slice(sample * 6 + channel * 2, sample * 6 + channel * 2 + 2), 16);
  const colours = new Uint8ClampedArray(256 * 3);
  for (let index = 0; index < 256; index += 1) {
    const position = (index / 255) * (samples - 1);
    const low = Math.min(Math.floor(position), samples - 2);
    for (let channel = 0; channel < 3; channel += 1) {
      colours[index * 3 + channel] = at(low, channel) + (position - low) * (at(low + 1, channel) - at(low, channel));
    }
  }
  return colours;
}

function grey(): Palette {
  const colours = new Uint8ClampedArray(256 * 3);
  for (let index = 0; index < 256; index += 1) colours.fill(12 + index * 0.92, index * 3, index * 3 + 3);
  return colours;
}

const made = new Map<PaletteName, Palette>();

export function palette(name: PaletteName): Palette {
  const known = made.get(name);
  if (known) return known;
  const fresh = name === "grey" ? grey() : table(TABLES[name]);
  made.set(name, fresh);
  return fresh;
}

/** Index of the colour for `fraction` (0 to 1; outside: the nearer end). */
export function colourIndex(fraction: number): number {
  return Math.round(Math.min(1, Math.max(0, fraction)) * 255);
}

export function css(name: PaletteName, fraction: number): string {
  const colours = palette(name);
  const at = colourIndex(fraction) * 3;
  return `rgb(${colours[at]} ${colours[at + 1]} ${colours[at + 2]})`;
}

/** A gradient of the whole palette, for a scale or a slider's track. */
export function gradient(name: PaletteName, direction: string): string {
  const stops = Array.from({ length: 17 }, (_, index) => css(name, index / 16));
  return `linear-gradient(${direction}, ${stops.join(", ")})`;
}
