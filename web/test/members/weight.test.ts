import { expect, test } from "vitest";
import { formatWeight, parseWeight, weightOf } from "../../src/screens/members/weight.ts";

test.each([
  ["1", "1"],
  [" 2 ", "2"],
  ["0,5", "0.5"],
  ["0.125", "0.125"],
  ["1.50", "1.5"],
  ["2.000", "2"],
  ["007", "7"],
  ["0", "0"],
  ["1000000", "1000000"],
])("a share of %j is %j", (typed, weight) => expect(parseWeight(typed)).toBe(weight));

test.each(["", "-1", "1.2345", "one", "1000000.5", "1000001", "1e3", ".5", "1.", "1,2,3"])(
  "%j is no share",
  (typed) => expect(parseWeight(typed)).toBeUndefined(),
);

test("a member has the share that the API writes, or one", () => {
  expect(weightOf({ weight: 0 })).toBe("0");
  expect(weightOf({ weightDecimal: "0.5" })).toBe("0.5");
  expect(weightOf({})).toBe("1");
});

test("a share is shown in the reader's language", () => {
  expect(formatWeight("0.5", "fr")).toBe("0,5");
  expect(formatWeight("1000", "en")).toBe("1,000");
});
