import { Fragment } from "preact";
import { t } from "../i18n";

const KEYS: readonly (readonly [string, string])[] = [
  ["j", "next"],
  ["k", "previous"],
  ["Enter", "open"],
  ["r", "review"],
  ["/", "find"],
  ["u", "unread"],
  ["Escape", "back"],
  ["?", "help"],
];

export function KeysHelp() {
  return (
    <dl class="keys">
      {KEYS.map(([key, what]) => (
        <Fragment key={what}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{t(`shell.key_${what}`)}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
