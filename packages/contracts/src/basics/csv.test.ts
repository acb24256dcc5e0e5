import { describe, expect, it } from "vitest";
import { csvLine } from "./csv.js";

describe("csvLine", () => {
  it("writes full precision, empty cells for what is missing, and quotes where a reader needs them", () => {
    expect(csvLine([0.1 + 0.2, null, undefined, true, "plain", 'a "b", c', "two\r\nlines", ""])).toBe(
      '0.30000000000000004,,,true,plain,"a ""b"", c","two\r\nlines",',
    );
  });
});
