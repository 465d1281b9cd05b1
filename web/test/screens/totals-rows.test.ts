import { expect, test } from "vitest";
import { categoryRows, daysOf, memberRows } from "../../src/screens/totals/rows.ts";

test("members are sorted by their part, the largest first", () => {
  const byMember = [
    { memberId: "a", paid: "0.00", owed: "9.00" },
    { memberId: "b", paid: "20.00", owed: "11.00" },
  ];
  expect(memberRows({ byMember }).map(({ memberId }) => memberId)).toEqual(["b", "a"]);
});

test("what has no category comes last, however large", () => {
  const byCategory = [
    { category: "", total: "900.00" },
    { category: "food", total: "9.00" },
    { category: "fuel", total: "10.00" },
  ];
  expect(categoryRows({ byCategory }).map(({ category }) => category)).toEqual(["fuel", "food", ""]);
});

test("a month has its own number of days", () => {
  expect(daysOf("2028-02")).toEqual({ fromDate: "2028-02-01", toDate: "2028-02-29" });
  expect(daysOf("2026-12")).toEqual({ fromDate: "2026-12-01", toDate: "2026-12-31" });
});
