import { expect, it } from "vitest";
import { wrapWords } from "./wrapped-label.js";

it("breaks between words, cuts a word that is too long, and says that there is more", () => {
  expect(wrapWords("R12", 30)).toEqual(["R12"]);
  expect(wrapWords("local loss without gathered gradient", 72)).toEqual([
    "local loss",
    "without",
    "gathered",
    "gradient",
  ]);
  expect(wrapWords("learningRate", 36)).toEqual(["learn…"]);
  expect(wrapWords("a b c d e f", 18, 2)).toEqual(["a b", "c …"]);
});

it("takes letters of 12 px for wider than those of 11 px", () => {
  expect(wrapWords("aaaaaa bbbbb", 72)).toEqual(["aaaaaa bbbbb"]);
  expect(wrapWords("aaaaaa bbbbb", 72, 4, 12)).toEqual(["aaaaaa", "bbbbb"]);
});
