import { LANGUAGES, type Language, language, t } from "../i18n";
import { type Theme, chooseLanguage, chooseTheme, theme } from "../preferences";
import { Select } from "./field";
import { sayFault } from "./toast";
import { Fault } from "../data/cloud";

/** Language and theme. */
export function Appearance() {
  const languages = (Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, text: LANGUAGES[value].name }));
  const themes = (["system", "light", "dark"] as const).map((value) => ({ value, text: t(`shell.theme_${value}`) }));
  const choose = (chosen: Language): void => {
    chooseLanguage(chosen).catch(() => sayFault(new Fault("offline", "The language's words could not be fetched.")));
  };
  return (
    <div class="appearance">
      <Select<Language> label={t("shell.language")} value={language.value} choices={languages} onChoose={choose} />
      <Select<Theme> label={t("shell.theme")} value={theme.value} choices={themes} onChoose={chooseTheme} />
    </div>
  );
}
