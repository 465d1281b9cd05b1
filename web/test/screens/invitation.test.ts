import { describe, expect, it } from "vitest";
import { tokenOf } from "../../src/screens/home/invitation-token.ts";
import { choiceOf, SOMEBODY_NEW } from "../../src/screens/join/choice.ts";

const TOKEN = "VUcrxpwMU-jj1Z-I5OZkwi6r8Q52oOo93tL-Lxlr4F8";

describe("a pasted invitation", () => {
  it.each([
    TOKEN,
    `  ${TOKEN}\n`,
    `https://howmuch.example/join/${TOKEN}`,
    `https://howmuch.example/join/${TOKEN}?utm=1#x`,
    `https://howmuch.example/invitations/${TOKEN}?as=mbr_1`,
    `/join/${TOKEN}`,
    `Come with us! https://howmuch.example/join/${TOKEN} Ana`,
    `Come with us (https://howmuch.example/join/${TOKEN}).`,
    `Ana invites you:\nhttps://howmuch.example/join/${TOKEN}`,
  ])("has the token: %s", (pasted) => {
    expect(tokenOf(pasted)).toBe(TOKEN);
  });

  it.each(["", "Lisbon", "https://howmuch.example/", "https://howmuch.example/join/", "/join/short"])(
    "has none: %s",
    (pasted) => {
      expect(tokenOf(pasted)).toBeUndefined();
    },
  );
});

describe("who joins", () => {
  const guests = [
    { memberId: "mbr_1", name: "Bo" },
    { memberId: "mbr_2", name: "Cy" },
  ];

  it("is the guest of the link", () => {
    expect(choiceOf("mbr_2", guests)).toBe("mbr_2");
  });

  it("is somebody new, if the link or the user says so", () => {
    expect(choiceOf("new", guests)).toBe(SOMEBODY_NEW);
  });

  it("is still to be chosen, if the guest of the link is taken or nobody is named", () => {
    expect(choiceOf("mbr_9", guests)).toBeUndefined();
    expect(choiceOf("", guests)).toBeUndefined();
  });

  it("is somebody new where there are no guests", () => {
    expect(choiceOf("mbr_9", [])).toBe(SOMEBODY_NEW);
  });
});
