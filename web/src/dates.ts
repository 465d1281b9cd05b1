/** Days and instants as people read them. A day of the API is `YYYY-MM-DD`, without a time zone. */

/** `Saturday, 28 November`, with the year if it is not this one. */
export function formatDay(day: string, locale: string, today = localDay()): string {
  const thisYear = day.slice(0, 4) === today.slice(0, 4);
  return new Intl.DateTimeFormat(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(thisYear ? {} : { year: "numeric" }),
    timeZone: "UTC",
  }).format(new Date(`${day}T00:00:00Z`));
}

/** `28 Nov 2026`. */
export function formatShortDay(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

/** `November 2026`, of `YYYY-MM`. */
export function formatMonth(month: string, locale: string): string {
  const options = { month: "long", year: "numeric", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale, options).format(new Date(`${month}-01T00:00:00Z`));
}

/** Date and time of an instant, in the time zone of this device. */
export function formatInstant(instant: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(
    new Date(instant),
  );
}

/** `3 minutes ago`, `yesterday`; a date if it is longer ago than a week. */
export function formatAgo(instant: string, locale: string, now = Date.now()): string {
  const seconds = Math.round((new Date(instant).getTime() - now) / 1000);
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (seconds > -60) {
    return relative.format(0, "second");
  }
  if (seconds > -3600) {
    return relative.format(Math.ceil(seconds / 60), "minute");
  }
  if (seconds > -86_400) {
    return relative.format(Math.ceil(seconds / 3600), "hour");
  }
  if (seconds > -7 * 86_400) {
    return relative.format(Math.ceil(seconds / 86_400), "day");
  }
  return formatInstant(instant, locale);
}

/** Today, in the time zone of this device. */
export function localDay(now = new Date()): string {
  const two = (value: number) => value.toString().padStart(2, "0");
  return `${now.getFullYear().toString().padStart(4, "0")}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The time zone of this device, an IANA name. */
export function localTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
