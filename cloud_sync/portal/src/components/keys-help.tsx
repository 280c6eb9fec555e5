import { Fragment } from "preact";
import { t } from "../i18n";

const KEYS: readonly (readonly [string, string])[] = [
  ["j", "shell.key_next"],
  ["k", "shell.key_previous"],
  ["Enter", "shell.key_open"],
  ["r", "shell.key_review"],
  ["c", "record.keys.card"],
  ["p", "record.keys.previous"],
  ["/", "shell.key_find"],
  ["u", "shell.key_unread"],
  ["Escape", "shell.key_back"],
  ["?", "shell.key_help"],
];

/** They belong to a picture that has the focus, and rest otherwise. */
const PICTURE_KEYS: readonly (readonly [string, string])[] = [
  ["← ↑ ↓ →", "thermogram.keys_arrows"],
  ["1 2 3 4", "thermogram.keys_view"],
  ["b", "thermogram.keys_box"],
  ["e", "thermogram.keys_ellipse"],
  ["w", "thermogram.keys_whole"],
  ["m", "mri.keys_measure"],
  ["0", "mri.keys_window"],
  ["s", "mri.keys_s"],
];

export function KeysHelp() {
  return (
    <>
      <Keys keys={KEYS} />
      <p>{t("thermogram.keys")}</p>
      <Keys keys={PICTURE_KEYS} />
    </>
  );
}

function Keys({ keys }: { readonly keys: readonly (readonly [string, string])[] }) {
  return (
    <dl class="keys">
      {keys.map(([key, what]) => (
        <Fragment key={what}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{t(what)}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
