import { i18n, type Messages } from "@lingui/core";

/** The languages of the app. `preview` marks a first version, which nobody whose language it is has read yet. */
export const LANGUAGES = {
  en: { name: "English", preview: false },
  fr: { name: "Français", preview: false },
  de: { name: "Deutsch", preview: true },
  es: { name: "Español", preview: true },
} as const;

export type Language = keyof typeof LANGUAGES;

const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);

/** The language of this device, if the app has it; else English. `?lang=` wins, for tests and for links. */
export function preferredLanguage(wanted: readonly string[] = navigator.languages): string {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked === "pseudo" || asked === "rtl") {
    return asked;
  }
  for (const tag of [asked ?? "", ...wanted]) {
    const language = tag.toLowerCase().split("-")[0] ?? "";
    if (language in LANGUAGES) {
      return language;
    }
  }
  return "en";
}

/** Loads the messages of a language, and sets the language of the page. */
export async function activate(language: string): Promise<void> {
  // `rtl` shows the pseudo-locale from right to left, which no language of the app is written in yet.
  const { messages } = await catalogs(language === "rtl" ? "pseudo" : language);
  i18n.loadAndActivate({ locale: language, messages, locales: formatLocale(language) });
  document.documentElement.lang = language === "rtl" || language === "pseudo" ? "en" : language;
  document.documentElement.dir = language === "rtl" || RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
}

/** The locale for numbers and dates: the device's own variant of the language, such as en-GB for en. */
export function formatLocale(language: string = i18n.locale): string {
  const own = navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === language);
  return own ?? (language in LANGUAGES ? language : "en");
}

function catalogs(language: string): Promise<{ messages: Messages }> {
  switch (language) {
    case "fr":
      return import("./fr.po");
    case "de":
      return import("./de.po");
    case "es":
      return import("./es.po");
    case "pseudo":
      return import("./pseudo.po");
    default:
      return import("./en.po");
  }
}
