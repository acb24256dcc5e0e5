import type { AnalysisTable, Provenance } from "@reprise/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeLatex, exportTable, latexCharacters } from "./export-table.js";

const provenance: Provenance = {
  sweepId: "00000000-0000-4000-8000-000000000001",
  sweepName: "a_b & 50%",
  specDigest: "a".repeat(64),
  analysisPlanDigest: "b".repeat(64),
  planned: true,
  metric: "testAccuracy",
  metricLabel: "test accuracy",
  metricUnit: "fraction",
  metricKnown: { unit: "trainer", direction: "trainer" },
  metricChosenOn: null,
  runsUsed: 12,
  runsExcluded: [{ runId: "00000000-0000-4000-8000-000000000002", reason: "wrong data" }],
  runsPending: 0,
  method: "Mean and SD (n − 1).",
  correction: "Holm over 2 tests.",
  software: "Reprise 0.1.0",
};
const columns: AnalysisTable["columns"] = [
  { key: "configuration", label: "Configuration", unit: null, description: "" },
  { key: "n", label: "n", unit: null, description: "" },
  { key: "mean", label: "Mean", unit: "fraction", description: "" },
  { key: "sd", label: "SD", unit: "fraction", description: "" },
  { key: "deltaPercent", label: "Delta %", unit: "%", description: "" },
  { key: "adjustedP", label: "p", unit: null, description: "" },
  { key: "identical", label: "Identical", unit: null, description: "" },
];
const table: AnalysisTable = {
  title: "Accuracy | by configuration",
  columns,
  rows: [
    {
      configuration: 'adam · lr 0.01, "fast"',
      n: 5,
      mean: 0.961842105263158,
      sd: 0.010731234567,
      deltaPercent: -0.123456,
      adjustedP: 0.0312345,
      identical: true,
    },
    {
      configuration: "sgd|x",
      n: 5,
      mean: 0.9649122807,
      sd: 0,
      deltaPercent: 0,
      adjustedP: 1e-9,
      identical: null,
    },
    {
      configuration: "diverged",
      n: 5,
      mean: "NaN",
      sd: "NaN",
      deltaPercent: null,
      adjustedP: null,
      identical: false,
    },
  ],
  absent: [{}, { identical: "Not compared." }, { deltaPercent: "Diverged.", adjustedP: "Diverged." }],
};

describe("exportTable", () => {
  it("writes CSV by RFC 4180, in full precision, with its source in every row", () => {
    const source = `testAccuracy,12,true,Mean and SD (n − 1).,Holm over 2 tests.,Reprise 0.1.0,${provenance.sweepId},${provenance.specDigest}`;
    expect(exportTable({ table, provenance }, "csv")).toBe(
      [
        "configuration,n,mean,sd,deltaPercent,adjustedP,identical,metric,runsUsed,planned,method,correction,software,sweepId,specDigest,absent",
        `"adam · lr 0.01, ""fast""",5,0.961842105263158,0.010731234567,-0.123456,0.0312345,true,${source},`,
        `sgd|x,5,0.9649122807,0,0,1e-9,,${source},identical: Not compared.`,
        `diverged,5,NaN,NaN,,,false,${source},deltaPercent: Diverged. adjustedP: Diverged.`,
        "",
      ].join("\r\n"),
    );
  });

  it("writes numbers into CSV that read back as the same numbers", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const one = { ...table, columns: columns.slice(2, 3), rows: [{ mean: value }] };
        const text = exportTable({ table: one, provenance }, "csv").split("\r\n")[1]?.split(",")[0];
        expect(Number(text)).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it("puts a summary before the detail for reading, and keeps CSV to one table", () => {
    const summary = {
      title: "Over seeds",
      columns: columns.slice(0, 1),
      rows: [{ configuration: "summed up" }],
      absent: [{}],
    };
    const analysis = { table, summary, provenance };
    const markdown = exportTable(analysis, "markdown");
    expect(markdown.indexOf("summed up")).toBeLessThan(markdown.indexOf("96.2"));
    expect(exportTable(analysis, "markdown", "detail")).toBe(exportTable({ table, provenance }, "markdown"));
    expect(exportTable(analysis, "csv")).toBe(exportTable({ table, provenance }, "csv"));
    expect(exportTable(analysis, "csv", "summary")).toMatch(/^configuration,/);
    const labels = exportTable(analysis, "latex").match(/label\{[^}]*\}/g);
    expect(new Set(labels).size).toBe(2);
  });

  it("gives a column one number of decimals, as far as its rows are about equally certain", () => {
    const of = (spreads: number[]) => {
      const rows = spreads.map((sd) => ({ mean: 0.961842105263158, sd }));
      const text = exportTable(
        { table: { ...table, columns: columns.slice(2, 4), rows }, provenance },
        "markdown",
        "all",
        "full",
      );
      return text.split("\n").slice(4, 4 + spreads.length);
    };
    expect(of([0.0107, 0.0073, 0])).toEqual(["| 96.18 | 1.07 |", "| 96.18 | 0.73 |", "| 96.18 | 0 |"]);
    expect(of([0.0107, 0.0000073])).toEqual(["| 96.18 | 1.07 |", "| 96.184 | 0.00073 |"]);
  });

  it("shows a spread that is far smaller than its value", () => {
    const rows = [{ ...table.rows[0], mean: 0.139479111, sd: 3.2e-9 }];
    const nats = columns.map((column) => (column.unit === "fraction" ? { ...column, unit: "nats" } : column));
    const text = exportTable(
      { table: { ...table, columns: nats, rows }, provenance: { ...provenance, metricUnit: "nats" } },
      "markdown",
      "all",
      "full",
    );
    expect(text).toContain("| 0.13947911 | 3.2×10⁻⁹ |");
  });

  it("rounds by the uncertainty of the row and escapes in LaTeX", () => {
    const tex = exportTable({ table, provenance }, "latex", "all", "full");
    expect(tex).toContain("\\begin{tabular}{@{}lrrrrrr@{}}");
    expect(tex).toContain("Configuration & n & Mean (\\%) & SD (pp) & Delta \\% & p & Identical \\\\");
    expect(tex).toContain('adam $\\cdot$ lr 0.01, "fast" & 5 & 96.2 & 1.1 & $-0.123$ & 0.031 & yes \\\\');
    expect(tex).toContain("sgd|x & 5 & 96.5 & 0 & 0 & \\textless{}0.001 & -- \\\\");
    expect(tex).toContain("diverged & 5 & NaN & NaN & -- & -- & no \\\\");
    for (const rule of ["\\toprule", "\\midrule", "\\bottomrule"]) expect(tex).toContain(rule);
    expect(tex).toContain("\\caption{Accuracy | by configuration, n = 12 runs (1 excluded).}");
    expect(tex).toMatch(
      /\\footnotesize\\raggedright Mean and SD \(n \$-\$ 1\)\. Holm over 2 tests\. Not given .*Diverged\./,
    );
    expect(tex).not.toContain("resizebox");
    expect(tex).toContain(
      "Reprise 0.1.0; sweep a\\_b \\& 50\\% (00000000-0000-4000-8000-000000000001), spec aaaaaaaaaaaa",
    );
  });

  it("is short unless asked: means with their SD, what is the same in all rows once in the note", () => {
    const lines = exportTable({ table, provenance }, "markdown").split("\n");
    expect(lines[2]).toBe("| Configuration | Mean ± SD (%) | Delta % | p | Identical |");
    expect(lines[4]).toBe('| adam · lr 0.01, "fast" | 96.2 ± 1.1 | −0.123 | 0.031 | yes |');
    expect(lines.at(-2)).toMatch(/^Constant across rows: n = 5\. Mean and SD/);
  });

  it("breaks long heads and wraps long cells in LaTeX, so that a table stays on its page", () => {
    const text = { key: "reason", label: "Remark", unit: null, description: "" };
    const wide = {
      ...table,
      columns: [...columns.slice(0, 1), { ...text, key: "range", label: "Range between runs" }, text],
      rows: [{ configuration: "adam", range: 3, reason: "Only 2 distinct values of test accuracy among 5." }],
      absent: [{}],
    };
    const tex = exportTable({ table: wide, provenance }, "latex");
    expect(tex).toContain("\\begin{tabular}{@{}lrp{0.28\\linewidth}@{}}");
    expect(tex).toContain("Configuration & \\shortstack[r]{Range\\\\between runs} & Remark \\\\");
  });

  it("joins ends of an interval, keeps to a page and names what it leaves out", () => {
    const wide = ["a", "statistic", "df", "min", "max", "b", "c", "d", "e"].map((key) => ({
      ...{ key, label: key, unit: null, description: "" },
    }));
    const ends = ["shiftLow", "shiftHigh"].map((key) => ({
      ...{ key, label: key === "shiftLow" ? "Shift low" : "Shift high", unit: "fraction", description: "" },
    }));
    const row = (start: number) => ({
      ...Object.fromEntries(wide.map(({ key }, index) => [key, start + index])),
      shiftLow: -0.0123,
      shiftHigh: 0.0151,
    });
    const named = { ...table, columns: [...wide, ...ends], rows: [row(1), row(2)], absent: [{}, {}] };
    const text = exportTable({ table: named, provenance }, "markdown");
    const [head = "", , first = ""] = text.split("\n").slice(2);
    expect(head).toBe("| a | min | b | c | d | e | Shift, interval (pp) |");
    expect(first).toContain("[−1.2, 1.5]");
    expect(text).toContain("Omitted to fit the page: statistic; df; max (see the full table).");
  });

  it("never parts a number from its percent in a head of LaTeX", () => {
    const ends = [
      { key: "shiftLow", label: "Shift low", unit: "fraction", description: "Its 95 % interval, lower end" },
      { key: "shiftHigh", label: "Shift high", unit: "fraction", description: "" },
    ];
    const one = { ...table, columns: ends, rows: [{ shiftLow: 0.1, shiftHigh: 0.2 }], absent: [{}] };
    expect(exportTable({ table: one, provenance }, "latex")).toContain(
      "\\shortstack[r]{Shift, 95\\,\\%\\\\interval (pp)}",
    );
  });

  it("names the part of a cell that is not there, beside the one that is", () => {
    const rows = [
      { configuration: "a", mean: 0.9, sd: null },
      { configuration: "b", mean: 0.8, sd: 0.01 },
      { configuration: "c", mean: null, sd: null },
    ];
    const absent: AnalysisTable["absent"] = [{ sd: "1 run." }, {}, { mean: "No run.", sd: "No run." }];
    const some = { ...table, columns: [...columns.slice(0, 1), ...columns.slice(2, 4)], rows, absent };
    const text = exportTable({ table: some, provenance }, "markdown");
    expect(text).toContain("Not given (–): SD of Mean: 1 run. Mean ± SD (%): No run. Reprise 0.1.0;");
  });

  it("counts the lines of wrapped cells, so that long rows go on over the next page", () => {
    const label = "adam · lr 0.01, weightDecay 0.0005, batchSize 128";
    const of = (count: number, configuration: string) => {
      const rows = Array.from({ length: count }, (_, n) => ({ configuration, n, mean: 0.9, sd: 0.1 }));
      const many = { ...table, columns: columns.slice(0, 4), rows, absent: rows.map(() => ({})) };
      return exportTable({ table: many, provenance }, "latex");
    };
    expect(of(33, label)).toContain("\\begin{longtable}");
    expect(of(24, "adam")).not.toContain("longtable");
  });

  it("guards a cell from the line break before it, which would take a star or a bracket", () => {
    const rows = ["*a", "[b]"].map((configuration, n) => ({ configuration, n }));
    const heads = [
      { key: "configuration", label: "* of the configuration", unit: null, description: "" },
      { key: "n", label: "number *of-runs", unit: null, description: "" },
    ];
    const tex = exportTable(
      { table: { ...table, columns: heads, rows, absent: [{}, {}] }, provenance },
      "latex",
    );
    expect(tex).toContain("    {}*a & 0 \\\\");
    expect(tex).toContain("    {}[b] & 1 \\\\");
    expect(tex).toContain("\\shortstack[r]{number\\\\{}*of-runs}");
  });

  it("names T1 where its letters stand, and keeps a name whose letters have no likeness", () => {
    const of = (title: string) => exportTable({ table: { ...table, title }, provenance }, "latex");
    expect(of("Wałęsa")).toContain("% Needs \\usepackage[T1]{fontenc}\\usepackage{booktabs}.\n");
    expect(of("Müller")).toContain("% Needs \\usepackage{booktabs}.\n");
    expect(of("Ħamrun")).toContain("  % Hamrun is: Ħamrun\n");
    expect(escapeLatex("ĦħĸŦŧŀſŉ")).toBe("HhkTtl$\\cdot$s'n");
  });

  it("leaves no character to LaTeX that it would take for a command", () => {
    const signs = fc.constantFrom(...Object.keys(latexCharacters), ..."⁺₊₃ĦŊ\u0301");
    const texts = fc.array(fc.oneof(signs, fc.string({ unit: "grapheme" }))).map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        const escaped = escapeLatex(text)
          .replace(
            /\\(textbackslash|textasciitilde|textasciicircum|textless|textgreater|texteuro|ldots|dag|ddag|S)\{\}/g,
            "",
          )
          .replace(/\$[\\^_]*\{?[A-Za-z0-9+-]+\}?\$/g, "")
          .replace(/\\[{}&%$#_]/g, "");
        expect(escaped).not.toMatch(/[\\{}&%$#_~^]/);
      }),
    );
  });

  it("sets signs of mathematics and letters of names, and no sign that would stop the compiler", () => {
    expect(escapeLatex("η² ≥ 0.5 · Müller, Łódź, α → β")).toBe(
      "$\\eta$$^{2}$ $\\geq$ 0.5 $\\cdot$ Müller, Łódź, $\\alpha$ $\\rightarrow$ $\\beta$",
    );
    expect(escapeLatex("1.5×10⁻⁷ ≈ 2, “here” ≠ Müller’s")).toBe(
      "1.5$\\times$10$^{-7}$ $\\approx$ 2, ``here'' $\\neq$ Müller's",
    );
    expect(escapeLatex("运行 😀\n\u0007")).toBe("?? ? ?");
    expect(escapeLatex("λθωξψζΓΛΩΦ µ ° ½ 10⁺³ x₃₊ 5 € • „a“")).not.toContain("?");
    expect(escapeLatex("x₁₀⁺²")).toBe("x$_{10}$$^{+2}$");
    expect(escapeLatex("Mu\u0308ller")).toBe("Müller");
  });

  it("keeps names in other scripts in a comment, where LaTeX cannot set them", () => {
    const named = { ...table, title: "准确率 by configuration", rows: table.rows.slice(0, 1) };
    const tex = exportTable({ table: named, provenance }, "latex");
    expect(tex).toContain("  % ??? by configuration is: 准确率 by configuration\n");
    expect(exportTable({ table, provenance }, "latex")).not.toContain("% ?");
  });

  it("writes names into Markdown that set nothing in code, bold, italics or links", () => {
    const title = "image_to_text_R@1 `a` *b* _c_ [d](e) &lt;f";
    const text = exportTable({ table: { ...table, title }, provenance }, "markdown");
    expect(text.split("\n")[0]).toBe(
      "**image_to_text_R@1 \\`a\\` \\*b\\* \\_c\\_ [d\\](e) &amp;lt;f, n = 12 runs (1 excluded).**",
    );
  });

  it("writes a Markdown table that pipes in names do not break", () => {
    const lines = exportTable({ table, provenance }, "markdown", "all", "full").split("\n");
    expect(lines[0]).toBe("**Accuracy \\| by configuration, n = 12 runs (1 excluded).**");
    expect(lines[3]).toBe("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    expect(lines[5]).toBe("| sgd\\|x | 5 | 96.5 | 0 | 0 | &lt;0.001 | – |");
  });

  it("says in the caption that a comparison was not planned", () => {
    const unplanned = { ...provenance, planned: false, analysisPlanDigest: null };
    expect(exportTable({ table, provenance: unplanned }, "markdown")).toContain(
      "chosen after seeing results",
    );
  });
});
