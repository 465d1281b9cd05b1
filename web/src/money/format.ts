/** Amounts as people read them, in the language of the app. The API's strings are never turned into floats. */

const formats = new Map<string, Intl.NumberFormat>();

/**
 * @param amount as the API writes it, such as `-48.60`
 * @param currency ISO 4217 code
 * @param locale BCP 47
 */
export function formatMoney(amount: string, currency: string, locale: string): string {
  return format(currency, locale, fractionDigits(amount)).format(amount as unknown as number);
}

/** As `formatMoney`, with a sign also for what is more than zero. */
export function formatSigned(amount: string, currency: string, locale: string): string {
  return format(currency, locale, fractionDigits(amount), "exceptZero").format(amount as unknown as number);
}

/** A decimal of the API that is no amount, such as a weight. */
export function formatDecimal(decimal: string, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 4 }).format(decimal as unknown as number);
}

/** `33.3333` as `33.3333%`, as the language writes it. */
export function formatPercent(percent: string, locale: string): string {
  const options = { style: "unit", unit: "percent", maximumFractionDigits: 4 } as const;
  return new Intl.NumberFormat(locale, options).format(percent as unknown as number);
}

function fractionDigits(amount: string): number {
  const mark = amount.indexOf(".");
  return mark < 0 ? 0 : amount.length - mark - 1;
}

// NumberFormat reads a decimal string exactly (ECMA-402 since 2023); TypeScript's declaration is older.
function format(
  currency: string,
  locale: string,
  digits: number,
  signDisplay: "auto" | "exceptZero" = "auto",
): Intl.NumberFormat {
  const key = `${locale} ${currency} ${digits} ${signDisplay}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, {
      style: "currency",
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay,
    });
    formats.set(key, found);
  }
  return found;
}
