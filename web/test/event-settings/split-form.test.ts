import { expect, test } from "vitest";
import {
  percentLeft,
  percentText,
  splitFormOf,
  splitOf,
  type SplitForm,
} from "../../src/screens/event-settings/split-form.ts";

const [ANA, BO] = ["mbr_ana", "mbr_bo"];

function form(mode: SplitForm["mode"], typed: Record<string, string> = {}): SplitForm {
  return { mode, chosen: [], typed };
}

test.each([
  [undefined],
  [{ equal: { memberIds: [ANA] } }],
  [{ weights: { parts: [{ memberId: ANA, weightDecimal: "0.5" }] } }],
  [
    {
      percent: {
        parts: [
          { memberId: ANA, percent: "33.3333" },
          { memberId: BO, percent: "66.6667" },
        ],
      },
    },
  ],
])("the form of %j says the same", (split) => {
  expect(splitOf(splitFormOf(split)) ?? undefined).toEqual(split);
});

test("whole shares are read as well", () => {
  expect(splitFormOf({ weights: { parts: [{ memberId: ANA, weight: 2 }] } }).typed).toEqual({ [ANA]: "2" });
});

test("percentages sum to exactly 100", () => {
  expect(splitOf(form("percent", { [ANA]: "33,3333", [BO]: "66,6667" }))).toBeDefined();
  expect(splitOf(form("percent", { [ANA]: "33,3333", [BO]: "66,6666" }))).toBeUndefined();
  expect(splitOf(form("percent", { [ANA]: "100", [BO]: "x" }))).toBeUndefined();
  expect(percentText(percentLeft({ [ANA]: "33,5" }))).toBe("66.5");
  expect(percentText(percentLeft({ [ANA]: "60", [BO]: "50" }))).toBe("-10");
  expect(percentText(percentLeft({}))).toBe("100");
});

test("an empty field has no part, and a wrong one makes no split", () => {
  expect(splitOf(form("weights", { [ANA]: "2", [BO]: " " }))).toEqual({
    weights: { parts: [{ memberId: ANA, weightDecimal: "2" }] },
  });
  expect(splitOf(form("weights", { [ANA]: "2", [BO]: "x" }))).toBeUndefined();
  expect(splitOf(form("weights", { [ANA]: "0" }))).toBeUndefined();
  expect(splitOf(form("weights"))).toBeUndefined();
});
