import { expect, test } from "vitest";
import { whyOf } from "../../src/screens/expense/why.ts";

test("an equal part is one of as many as there are members", () => {
  expect(whyOf({ equal: { memberIds: ["ana", "bo"] } }, "bo")).toEqual({ by: "equal", count: 2 });
});

test("weights are told with their sum, in the shortest form", () => {
  const parts = [
    { memberId: "ana", weight: 2 },
    { memberId: "bo", weightDecimal: "0.5" },
    { memberId: "cy", weight: 10 },
  ];
  expect(whyOf({ weights: { parts } }, "bo")).toEqual({ by: "weights", weight: "0.5", total: "12.5" });
  expect(whyOf({ weights: { parts } }, "cy")).toEqual({ by: "weights", weight: "10", total: "12.5" });
});

test("percent and exact amounts", () => {
  expect(whyOf({ percent: { parts: [{ memberId: "ana", percent: "100" }] } }, "ana")).toEqual({
    by: "percent",
    percent: "100",
  });
  expect(whyOf({ exact: { parts: [{ memberId: "ana", amount: "3.00" }] } }, "ana")).toEqual({ by: "exact" });
});

test("an adjustment that is left out is zero", () => {
  const parts = [{ memberId: "ana", adjustment: "5.00" }, { memberId: "bo" }];
  expect(whyOf({ adjusted: { parts } }, "ana")).toEqual({ by: "adjusted", adjustment: "5.00", count: 2 });
  expect(whyOf({ adjusted: { parts } }, "bo")).toEqual({ by: "adjusted", adjustment: "0", count: 2 });
});

test("the lines of a bill are those of the member", () => {
  const wine = { name: "Wine", amount: "30.00", memberIds: ["ana", "bo"] };
  const itemized = { items: [wine, { name: "Tea", amount: "3.00", memberIds: ["cy"] }], tip: "6.00" };
  expect(whyOf({ itemized }, "bo")).toEqual({ by: "items", items: [wine], extras: true });
  expect(whyOf({ itemized: { items: [wine] } }, "bo")).toMatchObject({ extras: false });
});

test("who only paid has no part", () => {
  expect(whyOf({ equal: { memberIds: ["ana"] } }, "bo")).toBeUndefined();
  expect(whyOf({ weights: { parts: [{ memberId: "ana", weight: 1 }] } }, "bo")).toBeUndefined();
  expect(whyOf(undefined, "bo")).toBeUndefined();
});
