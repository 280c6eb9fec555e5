// The page before anybody is signed in.

import { post } from "./api.js";
import { el, replace } from "./dom.js";

export function showSignIn(app, { notice, onSignedIn }) {
  const message = el("p", { class: "form-problem", role: "alert" }, notice ?? "");
  const name = el("input", { id: "name", name: "name", autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true, value: "doctor", maxlength: 100 });
  const passphrase = el("input", { id: "passphrase", name: "passphrase", type: "password", autocomplete: "current-password", required: true, maxlength: 256 });
  const button = el("button", { type: "submit", class: "primary" }, "Sign in");

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    message.textContent = "";
    try {
      const { name: account } = await post("/api/sign-in", { name: name.value, passphrase: passphrase.value });
      onSignedIn(account);
    } catch (problem) {
      message.textContent = problem.message;
      passphrase.select();
    } finally {
      button.disabled = false;
    }
  }

  replace(
    app,
    el(
      "main",
      { class: "sign-in" },
      el(
        "form",
        { onsubmit: submit },
        el("img", { src: "/static/icon.svg", alt: "", width: 44, height: 44 }),
        el("h1", {}, "Firstlight"),
        el("p", { class: "subtle" }, "Records of the screening kiosk, for doctors."),
        el("label", { for: "name" }, "Name"),
        name,
        el("label", { for: "passphrase" }, "Passphrase"),
        passphrase,
        message,
        button,
        el("p", { class: "statement" }, "Screening, not a diagnosis. It does not replace mammography or an examination."),
      ),
    ),
  );
  passphrase.focus();
}
