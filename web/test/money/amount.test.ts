import { describe, expect, it } from "vitest";
import { absolute, fromApi, parseAmount, signOf, toApi } from "../../src/money/amount.ts";

describe("parseAmount", () => {
  it.each([
    ["48.60", 2, 4860n],
    ["48,60", 2, 4860n],
    ["48", 2, 4800n],
    ["48.6", 2, 4860n],
    [",5", 2, 50n],
    [".05", 2, 5n],
    ["1 234,50", 2, 123450n],
    ["1\u202f234,50", 2, 123450n],
    ["1'234.50", 2, 123450n],
    ["1.234,50", 2, 123450n],
    ["1,234.50", 2, 123450n],
    ["1,234", 2, 123400n],
    ["1.234.567", 2, 123456700n],
    ["1,234,567.8", 2, 123456780n],
    ["1.234", 3, 1234n],
    ["1,234.567", 3, 1234567n],
    ["1234", 0, 1234n],
    ["1,234", 0, 1234n],
    ["-3.50", 2, -350n],
    ["0", 2, 0n],
    ["9999999999999999", 2, 999999999999999900n],
  ])("reads %s with %i digits", (typed, digits, units) => {
    expect(parseAmount(typed, digits)).toBe(units);
  });

  it.each([
    ["", 2],
    ["-", 2],
    [".", 2],
    ["abc", 2],
    ["1e3", 2],
    ["12,3456", 2],
    ["48.6", 0],
    ["1.23.45", 2],
    ["12,34,567", 2],
    ["1234.567", 2],
    ["1,2345.00", 2],
    ["12345678901234567890", 2],
    ["١٢", 2],
  ])("refuses %s with %i digits", (typed, digits) => {
    expect(parseAmount(typed, digits)).toBeUndefined();
  });
});

describe("amounts of the API", () => {
  it.each([
    [4860n, 2, "48.60"],
    [5n, 2, "0.05"],
    [-5n, 2, "-0.05"],
    [0n, 2, "0.00"],
    [1234n, 0, "1234"],
    [1n, 4, "0.0001"],
    [-123456789012345678n, 3, "-123456789012345.678"],
  ])("%s with %i digits is %s", (units, digits, text) => {
    expect(toApi(units, digits)).toBe(text);
    expect(fromApi(text, digits)).toBe(units);
  });

  it("reads what is absent as zero", () => {
    expect(fromApi(undefined, 2)).toBe(0n);
    expect(fromApi("", 2)).toBe(0n);
  });

  it("knows the sign without the currency", () => {
    expect(["0", "0.00", "-0.00", "", undefined].map(signOf)).toEqual([0, 0, 0, 0, 0]);
    expect(["0.01", "-0.01"].map(signOf)).toEqual([1, -1]);
    expect(absolute("-3.50")).toBe("3.50");
  });
});
