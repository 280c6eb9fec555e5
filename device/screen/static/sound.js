// Two soft sounds, made here. A kiosk's Chromium needs --autoplay-policy=no-user-gesture-required to play before a touch.

const NOTES = { seen: [[587, 0], [880, 0.09]], done: [[659, 0], [784, 0.14], [988, 0.28]] };
const LOUDNESS = 0.08;

let context;

export function play(name) {
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") return void context.resume();
    for (const [hertz, delay] of NOTES[name]) note(hertz, context.currentTime + delay);
  } catch {
    // no sound device: the picture and the light say the same
  }
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
