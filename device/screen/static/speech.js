// Reads a page aloud with a voice that lives on this machine. Where there is none, there is no button.

const synth = window.speechSynthesis;

const voice = (language) =>
  synth?.getVoices().find((each) => each.localService && each.lang.toLowerCase().split(/[-_]/)[0] === language);

/** Show `button` while there is a voice for the language that `language()` names; read `text()` when it is touched. */
export function offerSpeech(button, language, text) {
  const refresh = () => {
    button.hidden = !voice(language());
  };
  synth?.addEventListener?.("voiceschanged", refresh);
  button.addEventListener("click", () => {
    hush();
    const utterance = new SpeechSynthesisUtterance(text());
    utterance.voice = voice(language()) ?? null;
    utterance.lang = language();
    utterance.rate = 0.92;
    synth.speak(utterance);
  });
  refresh();
  return refresh;
}

export const hush = () => synth?.cancel();
