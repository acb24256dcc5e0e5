import { describe, expect, it } from "vitest";
import { csvLine } from "./csv.js";

describe("csvLine", () => {
  it("writes full precision, empty cells for what is missing, and quotes where a reader needs them", () => {
    expect(csvLine([0.1 + 0.2, null, undefined, true, "plain", 'a "b", c', "two\r\nlines", ""])).toBe(
      '0.30000000000000004,,,true,plain,"a ""b"", c","two\r\nlines",',
    );
  });

  it("lets no spreadsheet run text as a formula, and leaves numbers as they are", () => {
    expect(csvLine(['=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "-1+2", "@SUM(A1)", "\t=1"])).toBe(
      `"'=HYPERLINK(""http://x"")",'+cmd|' /C calc'!A0,'-1+2,'@SUM(A1),'\t=1`,
    );
    expect(csvLine(["\n=1", "＝1+1", "＠SUM(A1)", "-"])).toBe(`"'\n=1",'＝1+1,'＠SUM(A1),'-`);
    expect(csvLine([-0.5, "-0.5", "+3", "-1.5e-7", "-Infinity", "-inf", "a-b", "-.5"])).toBe(
      "-0.5,-0.5,+3,-1.5e-7,-Infinity,-inf,a-b,-.5",
    );
  });
});
