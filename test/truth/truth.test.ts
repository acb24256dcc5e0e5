import { afterAll, describe, expect, it } from "vitest";
import { type ApiUnderTest, startTestApi } from "../integration/api-harness.js";
import { cases as audit } from "./audit.js";
import { cases as claims } from "./claims.js";
import { cases as configurations } from "./configurations.js";
import { cases as divergence } from "./divergence.js";
import { cases as evidence } from "./evidence.js";
import { cases as filters } from "./filters.js";
import { cases as leases } from "./leases.js";
import { cases as presets } from "./presets.js";
import { cases as series } from "./series.js";
import type { TruthTools } from "./truth-case.js";
import { cases as units } from "./units.js";

/** One file per part; the order is that of the table. */
const parts = {
  series,
  configurations,
  units,
  leases,
  claims,
  evidence,
  divergence,
  filters,
  audit,
  presets,
};

let started: Promise<ApiUnderTest> | undefined;
const tools: TruthTools = {
  api: () => {
    started ??= startTestApi();
    return started;
  },
};

const oneLine = (text: string) => text.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " / ");
const columns = ["bullet", "kind", "input", "before", "after"] as const;

afterAll(async () => {
  const rows = Object.values(parts)
    .flat()
    .map((row) => columns.map((column) => oneLine(row[column])));
  const lines = [columns, columns.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  console.log(lines.join("\n"));
  await (await started)?.close();
});

describe.each(Object.entries(parts))("what was told wrongly and is told right now: %s", (_, cases) => {
  it("names every case once, and says something else than before", () => {
    const names = cases.map(({ bullet, kind, input }) => [bullet, kind, input].join(" | "));
    expect(new Set(names).size).toBe(names.length);
    for (const { before, after } of cases) expect(after).not.toBe(before);
  });

  for (const truth of cases) {
    it(`${truth.kind}: ${truth.input}`, async () => {
      expect(await truth.observe(tools)).toBe(truth.after);
    });
  }
});
