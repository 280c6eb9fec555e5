// Two soft sounds, made here. A kiosk's Chromium needs --autoplay-policy=no-user-gesture-required to play before a touch.

const NOTES = { seen: [[587, 0], [880, 0.09]], done: [[659, 0], [784, 0.14], [988, 0.28]] };
const LOUDNESS = 0.08;

const LATE_MS = 250; // a sound that could not start at once says nothing any more

let context;

try {
  context = new AudioContext();
  addEventListener("pointerdown", () => context.resume(), { passive: true });
} catch {
  // no sound device: the picture and the light say the same
}

export async function play(name) {
  if (!context) return;
  const asked = performance.now();
  if (context.state !== "running") await context.resume();
  if (performance.now() - asked > LATE_MS) return;
  for (const [hertz, delay] of NOTES[name]) note(hertz, context.currentTime + delay);
}

function note(hertz, start) {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.5);
  tone.connect(volume).connect(context.destination);
  tone.start(start);
  tone.stop(start + 0.55);
}
