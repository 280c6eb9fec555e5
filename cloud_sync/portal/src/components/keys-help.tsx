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

export function KeysHelp() {
  return (
    <dl class="keys">
      {KEYS.map(([key, what]) => (
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
