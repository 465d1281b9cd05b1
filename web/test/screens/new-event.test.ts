import { describe, expect, it } from "vitest";
import { changed, namesIn, newFriend } from "../../src/screens/new-event/creating.ts";

describe("names of friends", () => {
  it("are one, or several with commas between them", () => {
    expect(namesIn("Bo")).toEqual(["Bo"]);
    expect(namesIn(" Bo, Cy ;Dee\nEli ")).toEqual(["Bo", "Cy", "Dee", "Eli"]);
  });

  it("are none in what is empty", () => {
    expect(namesIn(" , ")).toEqual([]);
  });
});

describe("a changed friend", () => {
  it("is the same row and another write", () => {
    const before = { ...newFriend("Bo"), added: true, fault: new Error("taken") };
    const after = changed(before, { name: "Bob" });
    expect(after).toMatchObject({ id: before.id, name: "Bob", added: false });
    expect(after.key).not.toBe(before.key);
    expect(after.fault).toBeUndefined();
  });
});
