// The bench: levers on the simulated world. Each sends one message and shows the state that comes back.

const REFRESH_MS = 300;
const SLIDERS = {
  distance: ["Distance", "× the best one", 0.05],
  x: ["To the side", "of the view", 0.02],
  y: ["Up and down", "of the view", 0.02],
  motion: ["Sway", "of the view", 0.005],
  asymmetry_k: ["Left warmer by", "K", 0.1],
  spot_k: ["Warm spot", "K", 0.1],
  spot_x: ["Spot: left", "of the view", 0.01],
  spot_y: ["Spot: down", "of the view", 0.01],
  skin_c: ["Skin", "°C", 0.1],
  seed: ["Another person", "", 1],
};

const find = (selector) => document.querySelector(selector);
const beside = () => find("#beside").checked;

async function send(path, body, type = "application/json") {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": type }, body });
  if (!answer.ok) return complain(await answer.text());
  complain("");
  return draw(await answer.json());
}

const act = (message) => send("/bench/act", JSON.stringify(message)).catch(() => complain("The kiosk does not answer. Is ./run still running?"));

function complain(text) {
  find("#trouble").textContent = text;
  find("#trouble").hidden = !text;
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function slider(name, label, unit, { low, high, usual, step }, moved) {
  const output = make("output");
  const input = make("input", { type: "range", min: low, max: high, step, value: usual, name });
  const show = () => (output.textContent = `${Number(input.value)} ${unit}`);
  input.addEventListener("input", () => {
    show();
    moved(Number(input.value));
  });
  show();
  return make("label", { className: "slider" }, make("span", { textContent: label }), input, output);
}

function build(choices) {
  find("#cards").replaceChildren(
    ...Object.entries(choices.cards).map(([name, { label, note }]) => {
      const button = make("button", { type: "button", className: "button card" }, make("strong", { textContent: label }), make("small", { textContent: note }));
      button.dataset.card = name;
      button.addEventListener("click", () => act({ act: "tap", preset: name, beside: beside() }));
      return button;
    }),
  );
  find("#torso").replaceChildren(
    ...Object.entries(SLIDERS).map(([name, [label, unit, step]]) =>
      slider(name, label, unit, { ...choices.torso[name], step }, (value) => act({ act: "stand", torso: { [name]: value } })),
    ),
  );
  const [low, high] = choices.ambient_c;
  find("#room").replaceChildren(slider("ambient", "Room", "°C", { low, high, usual: 22, step: 0.5 }, (celsius) => act({ act: "ambient", celsius })));
  find("#faults").replaceChildren(
    ...Object.entries(choices.faults).map(([name, words]) => {
      const box = make("input", { type: "checkbox", name });
      box.addEventListener("change", () => act({ act: "switch", fault: name, on: box.checked }));
      return make("li", {}, make("label", { className: "tick" }, box, make("span", { textContent: words })));
    }),
  );
}

function draw(state) {
  find("#lying").textContent = state.cards.length ? `on the reader: ${state.cards.join(" and ")}` : "none on the reader";
  for (const choice of document.querySelectorAll("[data-body]")) choice.classList.toggle("on", choice.dataset.body === state.body);
  find("#torso").hidden = state.body !== "torso";
  for (const [name, value] of Object.entries({ ...state.torso, ambient: state.ambient_c })) settle(find(`input[name=${name}]`), value);
  for (const box of document.querySelectorAll("#faults input")) box.checked = state.faults.includes(box.name);
  find("#signal").textContent = state.lamp.signal;
  find(".lamp").dataset.signal = state.lamp.signal;
  find("#signals").replaceChildren(...state.lamp.last.map(({ signal, ago_s: ago }) => make("li", { textContent: `${signal}, ${ago} s ago` })));
  paint(state.scene);
  document.documentElement.dataset.ready = "yes";
}

/** Move a slider to what the world says, unless a finger holds it. */
function settle(input, value) {
  if (document.activeElement === input || Number(input.value) === value) return;
  input.value = value;
  const output = input.parentElement.querySelector("output");
  output.textContent = output.textContent.replace(/^\S+/, String(value));
}

/** Grey levels between the coldest and the warmest pixel, at least 4 K apart, so that a wall's noise stays flat. */
function paint({ low_c: low, high_c: high, tenths_c: rows }) {
  const context = find("#scene").getContext("2d");
  const image = context.createImageData(32, 24);
  const span = Math.max(4, high - low);
  rows.flat().forEach((tenths, i) => {
    const grey = Math.round((255 * (tenths / 10 - low)) / span);
    image.data.set([grey, grey, grey, 255], 4 * i);
  });
  context.putImageData(image, 0, 0);
  find("#range").textContent = `${low.toFixed(1)} to ${high.toFixed(1)} °C`;
}

async function refresh() {
  if (document.hidden) return;
  try {
    draw(await (await fetch("/bench/state")).json());
  } catch {
    complain("The kiosk does not answer. Is ./run still running?");
  }
}

build(await (await fetch("/bench/choices")).json());
find("#pull").addEventListener("click", () => act({ act: "pull" }));
find("#mend").addEventListener("click", () => act({ act: "mend" }));
find("[data-body=torso]").addEventListener("click", () => act({ act: "stand", torso: {} }));
find("[data-body=empty]").addEventListener("click", () => act({ act: "leave" }));
find("#uid").addEventListener("submit", (event) => {
  event.preventDefault();
  act({ act: "tap", uid: new FormData(event.target).get("uid"), beside: beside() });
});
find("#file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (file) await send("/bench/thermogram", await file.arrayBuffer(), "application/octet-stream");
  event.target.value = "";
});
await refresh();
setInterval(refresh, REFRESH_MS);
