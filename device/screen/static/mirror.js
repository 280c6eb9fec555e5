// The thermal mirror: 24 × 32 numbers, mirrored, eased over time, smoothed, in a quiet palette made from the page's own colours.

const ROWS = 24;
const COLUMNS = 32;
const ZOOM = 8;
const EASE_MS = 180;

const still = matchMedia("(prefers-reduced-motion: reduce)");
const night = matchMedia("(prefers-color-scheme: dark)");

// From the paper's own shade to a soft teal and on to a warm light: ordered in lightness, no red in it.
const DAY = [[251, 247, 238], [214, 226, 219], [150, 190, 186], [84, 142, 146], [38, 92, 104]];
const DARK = [[20, 23, 29], [32, 52, 60], [52, 96, 104], [104, 158, 158], [190, 224, 210]];

/** A cubic B-spline weight for the four neighbours at distance `t` (0 to 1) past the second of them. */
function spline(t) {
  const u = 1 - t;
  return [u ** 3 / 6, (3 * t ** 3 - 6 * t ** 2 + 4) / 6, (3 * u ** 3 - 6 * u ** 2 + 4) / 6, t ** 3 / 6];
}

const WEIGHTS = Array.from({ length: ZOOM }, (_, i) => spline((((i + 0.5) / ZOOM - 0.5) + 1) % 1));

export class Mirror {
  #canvas;
  #context;
  #image;
  #goal = null;
  #shown = null;
  #frame = 0;
  #last = 0;

  constructor(canvas) {
    canvas.width = COLUMNS * ZOOM;
    canvas.height = ROWS * ZOOM;
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#image = this.#context.createImageData(canvas.width, canvas.height);
  }

  /** Show 24 rows of 32 integers from 0 to 255, as the camera sees them. Anything else is left out. */
  show(rows) {
    if (!Array.isArray(rows) || rows.length !== ROWS || rows.some((row) => row.length !== COLUMNS)) return;
    this.#goal = Float32Array.from(rows.flatMap((row) => row.toReversed()));
    if (!this.#shown || still.matches) this.#shown = this.#goal.slice();
    if (!this.#frame) {
      this.#last = performance.now();
      this.#frame = requestAnimationFrame(this.#step);
    }
  }

  /** Forget everything that was seen. */
  clear() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#goal = this.#shown = null;
    this.#image.data.fill(0);
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  #step = (now) => {
    const share = 1 - Math.exp(-Math.max(0, now - this.#last) / EASE_MS);
    this.#last = now;
    let rest = 0;
    for (let i = 0; i < this.#goal.length; i++) {
      const gap = this.#goal[i] - this.#shown[i];
      this.#shown[i] += gap * share;
      rest = Math.max(rest, Math.abs(gap));
    }
    this.#paint();
    this.#frame = rest > 0.5 ? requestAnimationFrame(this.#step) : 0;
  };

  #paint() {
    const palette = ramp(night.matches ? DARK : DAY);
    const wide = this.#widen();
    const data = new Uint32Array(this.#image.data.buffer);
    const width = COLUMNS * ZOOM;
    for (let y = 0; y < ROWS * ZOOM; y++) {
      const [row, weights] = neighbours(y);
      for (let x = 0; x < width; x++) {
        let value = 0;
        for (let k = 0; k < 4; k++) value += weights[k] * wide[clamp(row + k, ROWS) * width + x];
        data[y * width + x] = palette[value & 255];
      }
    }
    this.#context.putImageData(this.#image, 0, 0);
  }

  #widen() {
    const width = COLUMNS * ZOOM;
    const wide = new Float32Array(ROWS * width);
    for (let x = 0; x < width; x++) {
      const [column, weights] = neighbours(x);
      for (let row = 0; row < ROWS; row++) {
        let value = 0;
        for (let k = 0; k < 4; k++) value += weights[k] * this.#shown[row * COLUMNS + clamp(column + k, COLUMNS)];
        wide[row * width + x] = value;
      }
    }
    return wide;
  }
}

const clamp = (index, count) => Math.min(count - 1, Math.max(0, index));
const neighbours = (pixel) => [Math.floor((pixel + 0.5) / ZOOM - 0.5) - 1, WEIGHTS[pixel % ZOOM]];

const ramps = new Map();

/** 256 colours as canvas words (little-endian RGBA) between the stops. */
function ramp(stops) {
  if (!ramps.has(stops)) {
    ramps.set(
      stops,
      Uint32Array.from({ length: 256 }, (_, i) => {
        const place = (i / 255) * (stops.length - 1);
        const below = Math.min(stops.length - 2, Math.floor(place));
        const [r, g, b] = stops[below].map((low, c) => Math.round(low + (stops[below + 1][c] - low) * (place - below)));
        return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
      }),
    );
  }
  return ramps.get(stops);
}
