import "./plain.css";
import { KeysHelp } from "../components/keys-help";
import { t } from "../i18n";
import type { PageProps } from "./page";

const MARKS = ["look_first", "not_assessed", "machine", "person"] as const;

export default function Help(_props: PageProps) {
  return (
    <div class="plain-page narrow">
      <h1>{t("shell.help")}</h1>
      <section aria-labelledby="keys">
        <h2 id="keys">{t("shell.keys")}</h2>
        <KeysHelp />
      </section>
      <section aria-labelledby="marks">
        <h2 id="marks">{t("shell.marks")}</h2>
        <ul>
          {MARKS.map((mark) => (
            <li key={mark}>{t(`shell.mark_${mark}`)}</li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="not">
        <h2 id="not">{t("shell.what_it_is_not")}</h2>
        <p>{t("shell.statement")}</p>
      </section>
    </div>
  );
}
