// Numbers with their units and uncertainties, times, and the sentences for what machine and kiosk said.

const WHEN = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

// A standard uncertainty is doubled for about 95 % coverage (JCGM 100:2008, 6.2).
export const COVERAGE = 2;

function parsed(text) {
  const time = new Date(text ?? "");
  return Number.isNaN(time.getTime()) ? null : time;
}

export function when(text) {
  const time = parsed(text);
  return time ? WHEN.format(time) : "time unknown";
}

export function day(text) {
  const time = parsed(text);
  return time ? DAY.format(time) : "?";
}

export function briefly(text, now = new Date()) {
  const time = parsed(text);
  if (!time) return "?";
  return time.toDateString() === now.toDateString() ? CLOCK.format(time) : DAY.format(time);
}

export function number(value, decimals) {
  return value == null ? "–" : value.toFixed(decimals).replace("-", "−");
}

export function signed(value, decimals) {
  if (value == null) return "–";
  return `${value > 0 ? "+" : ""}${number(value, decimals)}`;
}

export function measured(value, uncertainty, decimals, unit) {
  if (value == null) return "not measured";
  const spread = uncertainty == null ? "uncertainty unknown" : `± ${number(uncertainty, decimals)}`;
  return `${signed(value, decimals)} ${spread} ${unit}`;
}

export const URGENCY = {
  look_first: { title: "Look first", mark: "▲" },
  not_assessed: { title: "Could not be assessed", mark: "?" },
  routine: { title: "Nothing unusual", mark: "" },
};

export const OUTCOME = {
  below_threshold: "Score below the threshold",
  above_threshold: "Score above the threshold",
  abstained: "No answer: the score lies where this model is not to be trusted",
  out_of_domain: "No answer: this is not the kind of image the model was made for",
};

export const OUTCOME_BRIEF = {
  below_threshold: "below threshold",
  above_threshold: "above threshold",
  abstained: "abstained",
  out_of_domain: "not its kind of image",
};

export const RESULT = {
  nothing_unusual: "Nothing unusual was seen.",
  doctor_will_look: "Your doctor will look at this soon.",
  not_assessed: "The picture could not be used.",
};

// The word for a code that a device sent; a code that is not known is shown as it is.
export function worded(table, code, missing) {
  if (code == null) return missing;
  return Object.hasOwn(table, code) ? table[code] : code;
}

export function plainName(key) {
  return key.replaceAll("_", " ");
}
