// The picture: temperatures in colour, with the left-right difference or the model's map laid over it, and what is under the cursor.

import { el, replace } from "./dom.js";
import { number, signed } from "./format.js";
import { colour, PALETTES } from "./palette.js";

const PIXEL = 24; // canvas pixels for each pixel of the sensor

const OVERLAYS = {
  asymmetry: {
    label: "Left–right difference",
    unit: "K",
    explain: "How much warmer or colder each place is than the same place on the other side.",
    palette: "vik",
    least: 1, // K: noise alone must not fill the scale
    decimals: 1,
    low: "colder",
    high: "warmer",
  },
  map: {
    label: "Model’s view",
    unit: "p",
    explain: "How much the model's probability p falls when this place is covered. It shows what the score depends on, not where a finding is.",
    palette: "bam",
    least: 0.05,
    decimals: 2,
    low: "against",
    high: "for",
  },
};

export class Thermogram {
  constructor(images, noise) {
    this.images = images;
    this.noise = noise;
    this.overlay = null;
    this.smooth = true;
    this.whole = false;
    this.cursor = null; // [column, row]
    this.canvas = el("canvas", {
      width: images.columns * PIXEL,
      height: images.rows * PIXEL,
      tabindex: 0,
      role: "img",
      "aria-label": "Thermogram. The arrow keys move the cursor; the temperature is read out below.",
      onpointermove: (event) => this.point(event),
      onpointerdown: (event) => this.point(event),
      onpointerleave: () => this.setCursor(null),
      onkeydown: (event) => this.key(event),
    });
    this.marker = el("div", { class: "cursor-marker", hidden: true });
    this.readout = el("output", { class: "readout", "aria-live": "off" });
    this.scales = el("div", { class: "scales" });
    this.caption = el("p", { class: "subtle caption" });
    this.buttons = this.makeButtons();
    this.element = el(
      "figure",
      { class: "thermogram" },
      el("div", { class: "tools" }, this.buttons.views, el("span", { class: "spacer" }), this.buttons.smooth, this.buttons.whole),
      el(
        "div",
        { class: "picture" },
        el("div", { class: "canvas-box" }, this.canvas, this.marker, el("span", { class: "side right" }, "R"), el("span", { class: "side left" }, "L")),
        this.scales,
      ),
      this.readout,
      this.caption,
    );
    this.draw();
    this.setCursor(null);
  }

  makeButtons() {
    const view = (name, label, key) =>
      el("button", { type: "button", "data-view": name ?? "temperature", disabled: name && !this.images[name], title: `${label} (${key})`, onclick: () => this.show(name) }, label);
    const check = (label, key, change) => {
      const box = el("input", { type: "checkbox", onchange: () => change(box.checked) });
      return el("label", { class: "check", title: key ? `key ${key}` : null }, box, label);
    };
    const buttons = {
      views: el("div", { class: "segments", role: "group", "aria-label": "What is shown" }, view(null, "Temperature", 1), view("asymmetry", OVERLAYS.asymmetry.label, 2), view("map", OVERLAYS.map.label, 3)),
      smooth: check("Smooth", "s", (on) => this.setSmooth(on)),
      whole: check("Whole range", "w", (on) => this.setWhole(on)),
    };
    buttons.smooth.firstChild.checked = true;
    return buttons;
  }

  show(overlay) {
    if (overlay && !this.images[overlay]) return;
    this.overlay = overlay;
    this.draw();
    this.setCursor(this.cursor);
  }

  setSmooth(on) {
    this.smooth = on;
    this.buttons.smooth.firstChild.checked = on;
    this.draw();
  }

  setWhole(on) {
    this.whole = on;
    this.buttons.whole.firstChild.checked = on;
    this.draw();
  }

  // Lowest and highest temperature of the scale: of the body where it is known, or of everything.
  range() {
    const { celsius, asymmetry } = this.images;
    const onBody = celsius.filter((value, index) => value != null && asymmetry?.[index] != null);
    const values = (this.whole || onBody.length < 20 ? celsius.filter((value) => value != null) : onBody).sort((a, b) => a - b);
    const at = (share) => values[Math.round(share * (values.length - 1))];
    const [low, high] = this.whole ? [values[0], values.at(-1)] : [at(0.01), at(0.99)];
    return high - low >= 1 ? [low, high] : [(low + high) / 2 - 0.5, (low + high) / 2 + 0.5];
  }

  limit(overlay) {
    const largest = Math.max(...this.images[overlay].map((value) => Math.abs(value ?? 0)));
    return Math.max(OVERLAYS[overlay].least, largest);
  }

  draw() {
    const started = this.overlay && OVERLAYS[this.overlay];
    const [low, high] = this.range();
    const base = PALETTES[started ? "grey" : "inferno"];
    const limit = started ? this.limit(this.overlay) : 1;
    const context = this.canvas.getContext("2d");
    const { width, height } = this.canvas;
    const image = context.createImageData(width, height);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        let pixel = colour(base, (this.value("celsius", x, y) - low) / (high - low));
        if (started) pixel = this.blend(pixel, this.value(this.overlay, x, y) / limit, PALETTES[started.palette]);
        image.data.set([pixel[0], pixel[1], pixel[2], 255], (y * width + x) * 4);
      }
    }
    context.putImageData(image, 0, 0);
    this.drawScales(low, high, started, limit);
    for (const button of this.buttons.views.children) {
      button.setAttribute("aria-pressed", String(button.dataset.view === (this.overlay ?? "temperature")));
    }
    const { columns, rows } = this.images;
    const drawn = this.smooth ? `interpolated from ${columns} × ${rows} pixels; the cursor reads the measured ones` : `${columns} × ${rows} pixels as measured`;
    this.caption.textContent = started ? `${started.explain} Drawn ${drawn}.` : `Drawn ${drawn}.`;
  }

  // The overlay's colour over the grey picture, the stronger the further it is from zero.
  blend(under, fraction, palette) {
    if (Number.isNaN(fraction)) return under;
    const strength = Math.min(0.92, Math.max(0, Math.abs(fraction) * 1.5 - 0.1));
    const over = colour(palette, 0.5 + fraction / 2);
    return [0, 1, 2].map((channel) => under[channel] + strength * (over[channel] - under[channel]));
  }

  // The value of an image at a canvas pixel: of the sensor's pixel there, or interpolated between the four around it. NaN: none.
  value(name, x, y) {
    const values = this.images[name];
    const { columns, rows } = this.images;
    if (!this.smooth) return values[Math.floor(y / PIXEL) * columns + Math.floor(x / PIXEL)] ?? NaN;
    const u = Math.min(columns - 1, Math.max(0, (x + 0.5) / PIXEL - 0.5));
    const v = Math.min(rows - 1, Math.max(0, (y + 0.5) / PIXEL - 0.5));
    const column = Math.min(columns - 2, Math.floor(u));
    const row = Math.min(rows - 2, Math.floor(v));
    let sum = 0;
    let weights = 0;
    for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
      const value = values[(row + dy) * columns + column + dx];
      if (value == null) continue;
      const weight = (1 - Math.abs(u - column - dx)) * (1 - Math.abs(v - row - dy));
      sum += weight * value;
      weights += weight;
    }
    return weights >= 0.5 ? sum / weights : NaN;
  }

  drawScales(low, high, overlay, limit) {
    const scales = [scaleBar("°C", overlay ? "grey" : "inferno", low, high, 1)];
    if (overlay) scales.push(scaleBar(overlay.unit, overlay.palette, -limit, limit, overlay.decimals, overlay));
    replace(this.scales, scales);
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * this.images.columns);
    const row = Math.floor(((event.clientY - box.top) / box.height) * this.images.rows);
    if (column >= 0 && row >= 0 && column < this.images.columns && row < this.images.rows) this.setCursor([column, row]);
  }

  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const { columns, rows } = this.images;
    const [column, row] = this.cursor ?? [Math.floor(columns / 2), Math.floor(rows / 2)];
    this.setCursor([Math.min(columns - 1, Math.max(0, column + step[0])), Math.min(rows - 1, Math.max(0, row + step[1]))]);
  }

  setCursor(cursor) {
    this.cursor = cursor;
    this.marker.hidden = !cursor;
    if (!cursor) {
      this.readout.textContent = "Point at the picture to read a temperature.";
      return;
    }
    const { columns, rows, celsius, asymmetry, map, bad } = this.images;
    const [column, row] = cursor;
    Object.assign(this.marker.style, {
      left: `${(column / columns) * 100}%`,
      top: `${(row / rows) * 100}%`,
      width: `${100 / columns}%`,
      height: `${100 / rows}%`,
    });
    const index = row * columns + column;
    const spread = this.noise == null ? "" : ` ± ${number(this.noise, 2)}`;
    const parts = [celsius[index] == null ? "no value" : `${number(celsius[index], 2)}${spread} °C`];
    if (asymmetry?.[index] != null) parts.push(`difference ${signed(asymmetry[index], 2)} K`);
    if (map?.[index] != null) parts.push(`model ${signed(map[index], 3)}`);
    if (bad[index]) parts.push("broken pixel, filled in from its neighbours");
    replace(this.readout, el("strong", {}, parts[0]), ` ${parts.slice(1).map((part) => `· ${part}`).join(" ")}`, el("span", { class: "subtle" }, ` column ${column + 1}, row ${row + 1}`));
  }
}

function scaleBar(unit, palette, low, high, decimals, ends) {
  const strip = el("canvas", { width: 1, height: 256 });
  const context = strip.getContext("2d");
  const image = context.createImageData(1, 256);
  for (let y = 0; y < 256; y += 1) image.data.set([...colour(PALETTES[palette], 1 - y / 255), 255], y * 4);
  context.putImageData(image, 0, 0);
  const ticks = niceTicks(low, high).map((value) => {
    const tick = el("span", { class: "tick" }, ends ? signed(value, decimals) : number(value, decimals));
    tick.style.bottom = `${((value - low) / (high - low)) * 100}%`;
    return tick;
  });
  return el(
    "div",
    { class: "scale" },
    el("span", { class: "scale-title" }, unit),
    ends && el("span", { class: "scale-end" }, ends.high),
    el("div", { class: "scale-bar" }, strip, el("div", { class: "ticks" }, ticks)),
    ends && el("span", { class: "scale-end" }, ends.low),
  );
}

function niceTicks(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const ticks = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + 1e-9; index += 1) ticks.push(index * step);
  return ticks;
}
