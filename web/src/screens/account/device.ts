/** What this device tells about its user, for a new account and for the list of sessions. */

import { i18n } from "@lingui/core";
import { formatLocale } from "../../i18n/locale.ts";
import { currencyOfRegion } from "./regions.ts";

const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|CriOS)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];

const SYSTEMS: readonly [RegExp, string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/CrOS/, "ChromeOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "Mac"],
  [/Linux/, "Linux"],
];

/** The name of a session in the list of sessions, such as `Firefox on Android`. */
export function clientName(userAgent: string): string {
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? "Browser";
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  return system ? `${browser} on ${system}` : browser;
}

/** The language in which the account gets mails: the one that the app is shown in, as this device writes it. */
export function accountLocale(): string {
  return formatLocale(i18n.locale);
}

/** The currency of the country in the device's locale; undefined if that names none. */
export function deviceCurrency(locale: string): string | undefined {
  try {
    return currencyOfRegion(new Intl.Locale(locale).maximize().region ?? "");
  } catch {
    return undefined;
  }
}
