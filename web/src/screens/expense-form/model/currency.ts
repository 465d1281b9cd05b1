import type { Schemas } from "../../../api/client.ts";

// Of a currency that the server does not know (yet): most have two.
const USUAL = 2;

/** How many digits follow the point. The API leaves out a zero, such as that of the yen. */
export function digitsOfCurrency(currencies: readonly Schemas["Currency"][], code: string): number {
  const found = currencies.find((currency) => currency.code === code);
  return found ? (found.digits ?? 0) : USUAL;
}
