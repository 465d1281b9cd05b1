import { expect, test } from "vitest";
import { digitsOfCurrency } from "../../src/screens/expense-form/model/currency.ts";

// As the API writes them: it leaves out a zero.
const CURRENCIES = [{ code: "EUR", digits: 2 }, { code: "JPY" }, { code: "KWD", digits: 3 }];

test.each([
  ["EUR", 2],
  ["JPY", 0],
  ["KWD", 3],
  ["XTS", 2],
])("%s has %s digits", (code, digits) => {
  expect(digitsOfCurrency(CURRENCIES, code)).toBe(digits);
});
