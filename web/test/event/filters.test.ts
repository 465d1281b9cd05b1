import { expect, test } from "vitest";
import { countFilters, readFilters, searched, writeFilters } from "../../src/screens/event/filters.ts";

test("filters come back from the address as they were", () => {
  const filters = {
    text: "Café & co",
    memberId: "mbr_1",
    payerMemberId: "mbr_2",
    category: "food",
    fromDate: "2026-11-01",
    toDate: "2026-11-30",
    currencyCode: "GBP",
    onlyDeleted: true,
  };
  expect(readFilters(writeFilters(filters))).toEqual(filters);
});

test("without filters, the address has no query", () => {
  expect(writeFilters({})).toBe("");
  expect(writeFilters({ text: "", memberId: "", onlyDeleted: false })).toBe("");
});

test("other parts of the query are no filters", () => {
  expect(readFilters("?lang=fr&q=")).toEqual({});
});

test("the text of the search is not counted among the filters", () => {
  expect(countFilters({ text: "x", memberId: "mbr_1", category: "", onlyDeleted: true })).toBe(2);
});

test("spaces around the text are not searched for", () => {
  expect(searched({ text: " tram ", category: "food" })).toEqual({ text: "tram", category: "food" });
  expect(searched({ text: "  " })).toEqual({});
});
