import { describe, expect, test } from "vitest";
import { descending, largest, minorUnits, negated, percentOf } from "../../src/money/ratio.ts";

describe("amounts of one currency against each other", () => {
  test("a part is shown as a percentage of the whole, without its sign", () => {
    expect(percentOf("-12.50", "100.00")).toBe("12.5%");
    expect(percentOf("1", "3")).toBe("33.3%");
    expect(percentOf("0.00", "9.00")).toBe("0.0%");
  });

  test("a bar never leaves its place", () => {
    expect(percentOf("7.00", "5.00")).toBe("100.0%");
    expect(percentOf("7.00", "0")).toBe("0.0%");
    expect(percentOf(undefined, undefined)).toBe("0.0%");
  });

  test("amounts that a float cannot hold keep their last cent", () => {
    expect(minorUnits("90071992547409.93")).toBe(9007199254740993n);
    expect(descending("90071992547409.92", "90071992547409.93")).toBe(1);
    expect(percentOf("90071992547409.93", "90071992547409.93")).toBe("100.0%");
  });

  test("the largest is found by size, whatever its sign", () => {
    expect(largest(["3.00", "-20.50", undefined])).toBe("20.50");
    expect(largest([])).toBe("0");
  });

  test("larger amounts come first, and what is owed last", () => {
    expect(["-5.00", "0.00", "12.00", "2.00"].toSorted(descending)).toEqual([
      "12.00",
      "2.00",
      "0.00",
      "-5.00",
    ]);
  });

  test("the opposite of zero has no sign", () => {
    expect(negated("5.00")).toBe("-5.00");
    expect(negated("-0.05")).toBe("0.05");
    expect(negated("0.00")).toBe("0.00");
  });
});
