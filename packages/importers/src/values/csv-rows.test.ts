import { CsvError, parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { csvTable } from "./csv.js";
import { plainRows } from "./csv-rows.js";

const limits = { rowCells: 1_000, rowCharacters: 1_000, cells: 10_000 };

describe("rows of a CSV text", () => {
  it("are those that csv-parse reads, wherever it reads some, and nothing where it reads none", () => {
    let state = 7;
    const below = (most: number) => {
      state = (state * 48_271) % 2_147_483_647;
      return state % most;
    };
    let regular = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const lineEnd = ["\n", "\r\n", "\r"][below(3)] as string;
      const parts = [
        "a",
        "1.5",
        "",
        ",",
        ",",
        '"',
        '""',
        '"x"',
        '"a,b"',
        '"a""b"',
        `"a${lineEnd}b"`,
        lineEnd,
        "\n",
      ];
      const text = Array.from({ length: 1 + below(12) }, () => parts[below(parts.length)]).join("");
      const read = plainRows(text, ",", limits);
      let expected: string[][] | null;
      try {
        expected = parse(text, { delimiter: ",", relax_column_count: true, skip_empty_lines: true });
      } catch (error) {
        expect(error).toBeInstanceOf(CsvError);
        expected = null;
      }
      if (read.kind === "rows") regular += 1;
      expect([text, read]).toEqual([
        text,
        expected === null ? { kind: "irregular" } : { kind: "rows", rows: expected },
      ]);
    }
    expect(regular).toBeGreaterThan(5_000);
  });

  it("are bounded: cells and characters of one, and cells of all", () => {
    expect(plainRows(`a\n${",".repeat(1_000)}`, ",", limits)).toEqual({ kind: "wide" });
    expect(plainRows(`a\n${'"",'.repeat(1_001)}`, ",", { ...limits, rowCharacters: 10_000 })).toEqual({
      kind: "wide",
    });
    expect(plainRows(`a\n${"x".repeat(1_001)}`, ",", limits)).toEqual({ kind: "long" });
    expect(plainRows(`a\n"${"x\n".repeat(501)}"`, ",", limits)).toEqual({ kind: "long" });
    expect(plainRows(`a\n"${"x\n".repeat(501)}`, ",", limits)).toEqual({ kind: "long" });
    expect(plainRows(`${",".repeat(99)}\n`.repeat(101), ",", limits)).toEqual({ kind: "many" });
  });

  it("of a long file that was cut off in a quote are read up to there; a long one with quotes in cells is named", () => {
    const row = '1,"2","x y"\n';
    const long = `a,b,c\n${row.repeat(1_500_000)}`;
    const cut = csvTable(`${long}2,"fo`);
    expect(cut?.rows).toHaveLength(1_500_000);
    expect(cut?.problem).toBe("its last row ends within quotes");
    let said = "";
    const refuse = (reason: string) => {
      said = reason;
    };
    expect(csvTable(`a,b,c\n1,2"3,4\n${row.repeat(1_500_000)}`, refuse)).toBeNull();
    expect(said).toMatch(/^has a quote in the middle of a cell.*up to 16 MB/);
  });
});
