import { describe, expect, it } from "vitest";
import { digestColor, digestHues, digestMarks } from "./digest-marks.js";

const lone = Array.from({ length: 60 }, (_, index) => `digest-${index}`);

describe("the marks of one row of digests", () => {
  it("draws equal digests alike and plain, and a lone one textured", () => {
    const marks = digestMarks(["aa", "aa", "bb", null, "cc"]);
    expect(marks.get("aa")).toMatchObject({ texture: null, shared: 2, letter: "A" });
    expect(marks.get("bb")?.texture).not.toBeNull();
    expect(marks.get("cc")?.letter).toBe("C");
  });

  it("never draws two different digests of a row alike", () => {
    const looks = [...digestMarks(lone).values()].map((mark) => `${mark.color} ${mark.texture}`);
    expect(new Set(looks).size).toBe(lone.length);
    const pairs = lone.slice(0, digestHues.length).flatMap((digest) => [digest, digest]);
    expect(new Set([...digestMarks(pairs).values()].map((mark) => mark.color)).size).toBe(digestHues.length);
  });

  it("keeps what was drawn when a later run arrives", () => {
    const before = digestMarks(lone.slice(0, 30));
    const after = digestMarks(lone.slice(0, 40));
    for (const [digest, mark] of before) expect(after.get(digest)).toEqual(mark);
  });

  it("gives a digest one colour for ever", () => {
    expect(digestColor("0f".repeat(32))).toBe(digestColor("0f".repeat(32)));
    expect(new Set(lone.map(digestColor)).size).toBe(digestHues.length);
  });
});
