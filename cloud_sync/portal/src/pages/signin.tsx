import type { Cloud } from "../data/cloud";
import { t } from "../i18n";

export function SignIn({ cloud }: { readonly cloud: Cloud }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void cloud.signIn("doctor", "sample");
      }}
    >
      <button type="submit">{t("shell.sign_in")}</button>
    </form>
  );
}
