/**
 * Checks by simulation that the default tests hold their level and have the power they promise, at the sizes studies have.
 * Prints a Markdown table, writes it to docs/validation.md, and fails when a test leaves its limits. Seeds are fixed: the
 * figures are the same on every machine.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createRandom, RANDOM_ALGORITHM } from "./numerics/random.js";
import { boundedCoverage, coverageTable } from "./validation/bounded-intervals.js";
import { clusteredIntervals } from "./validation/clustered-intervals.js";
import {
  type PrintedRow,
  printedIntervalLines,
  printedIntervals,
  wantedCoverage,
} from "./validation/printed-intervals.js";
import { subjects } from "./validation/subjects.js";

const ALPHA = 0.05;
const FIRST_SEED = 20_260_101;

export type ValidationRow = {
  name: string;
  setting: string;
  n: number;
  level: number;
  limits: readonly [number, number];
  effect?: number;
  power?: number;
  expectedPower?: number;
  ok: boolean;
};

/** Simulates every subject at every size. Power must be within 2 points of theory where theory is exact. */
export function validateTests(simulations = 10_000, sizes: readonly number[] = [5, 10, 20]): ValidationRow[] {
  return subjects.flatMap((subject, index) =>
    sizes.map((n) => {
      const rate = (effect: number, stream: number) => {
        const random = createRandom(FIRST_SEED + index, 2 * n + stream);
        let rejected = 0;
        for (let i = 0; i < simulations; i++) if (subject.simulate(random, n, effect) < ALPHA) rejected += 1;
        return rejected / simulations;
      };
      const limits = subject.limits(n);
      const level = rate(0, 0);
      const plan = subject.power?.(n);
      const power = plan && rate(plan.effect, 1);
      const powerOk =
        power === undefined || plan?.expected === undefined || Math.abs(power - plan.expected) < 0.02;
      const ok = level >= limits[0] && level <= limits[1] && powerOk;
      const { name, setting } = subject;
      return {
        name,
        setting,
        n,
        level,
        limits,
        effect: plan?.effect,
        power,
        expectedPower: plan?.expected,
        ok,
      };
    }),
  );
}

/** The rows as a Markdown table. */
export function validationTable(rows: readonly ValidationRow[], simulations: number): string {
  const percent = (value: number | undefined) =>
    value === undefined ? "–" : `${(100 * value).toFixed(1)} %`;
  const lines = rows.map((row) => {
    const effect = row.effect === undefined ? "–" : row.effect.toFixed(2);
    const limits = `${percent(row.limits[0])} to ${percent(row.limits[1])}`;
    const cells = [
      row.name,
      row.setting,
      row.n,
      percent(row.level),
      limits,
      effect,
      percent(row.power),
      percent(row.expectedPower),
      row.ok ? "yes" : "**no**",
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const standardError = 100 * Math.sqrt((ALPHA * (1 - ALPHA)) / simulations);
  return [
    `Rejection rates at α = ${ALPHA}, ${simulations} simulated studies per row (${RANDOM_ALGORITHM}, seeds from ${FIRST_SEED}; standard error at 5 %: ${standardError.toFixed(2)} points). Data are normal with SD 1; effects are in SDs.`,
    "",
    "| test | when the null hypothesis holds | n | rejected | limits | effect | power | theory | ok |",
    "|---|---|---:|---:|---|---:|---:|---:|---|",
    ...lines,
  ].join("\n");
}

const coverageSimulations = 2000;

const page = new URL("../../../docs/validation.md", import.meta.url);

/** What another program writes of whole studies stays as it is. */
function studiesPart(): string {
  const there = readFileSync(page, "utf8");
  const at = there.indexOf("\n## Whole studies");
  return at < 0 ? "" : there.slice(at);
}

/** A row at the limit is told from one below it by two and a half standard errors. */
const isCovered = ({ given, covered }: PrintedRow) =>
  covered / given >= wantedCoverage - 2.5 * Math.sqrt((wantedCoverage * (1 - wantedCoverage)) / given);

function document(
  rows: readonly ValidationRow[],
  printed: readonly PrintedRow[],
  { simulations, seconds }: { simulations: number; seconds: number },
): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown processor"}`;
  const failed = rows.filter(({ ok }) => !ok).length;
  const outcome =
    failed === 0 ? `All ${rows.length} rows are within their limits.` : `${failed} rows are outside.`;
  return `# Do the tests hold their level?

Written by \`npx pnpm validate\`: all but the whole studies on ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${machine}, in
${Math.round(seconds)} processor seconds. The figures follow from the seeds alone and are the same on every machine; every table says how many studies a row has.

Every default test must reject in 4 to 6 % (tests of Student's family, where their assumptions hold) or in at most 5.5 % (all
others) of studies in which there is nothing to find; power is set beside theory where there is an exact one. The last two tests are
misuses: what the papers' comparison and pooled repeats would do.

${validationTable(rows, simulations)}

${outcome}

## Intervals of shares

Accuracies lie between 0 and 1, and the t interval of a few of them near 1 reaches beyond. Below, runs are simulated whose error rates
scatter as gamma variables and are counted on a test set, ${coverageSimulations} studies a row; studies whose runs all agree are left out, because Reprise gives
no interval there. "Covered" is how often the interval holds the true mean.

Reprise prints Student's interval at 99.5 %, cut at the bounds of the metric ("printed"): at 95 % it would cover too little of skewed values, here and in
the section below. Cut, it covers exactly as often as whole, since nothing that is cut off can be. Where one run in ten collapses, even
this does not hold its level at these sizes, and the points themselves tell more. The empirical Bernstein interval (Maurer and Pontil, 2009) is exact for any
distribution and says nothing below hundreds of runs. At two runs Reprise shows the two points first.

${coverageTable(boundedCoverage(coverageSimulations))}

## Other intervals that are printed as 95 %

${coverageSimulations.toLocaleString("en")} simulated studies a row (standard error ${(100 * Math.sqrt((wantedCoverage * (1 - wantedCoverage)) / coverageSimulations)).toFixed(1)} points); wanted: ${100 * wantedCoverage} % and more, within 2.5 standard errors. Means are over seeds, Student's at
99.5 %; differences are of two configurations that are alike. P(A > B) has Clopper and Pearson's interval in pairs, that of an area otherwise. Runs as readers
are simulated by Roe and Metz' (1997) binormal model without a difference; with the same readers on both sides Hillis' degrees of freedom are held to
2 (R − 1). A mean of values that are log-normal and nothing else is covered by its interval in some 92 % at ten seeds.

${printedIntervalLines(printed, isCovered).join("\n")}

${clusteredIntervals(coverageSimulations).join("\n")}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { simulations: { type: "string", default: "10000" } } });
  const simulations = Number(values.simulations);
  if (!Number.isInteger(simulations) || simulations < 100) {
    throw new Error(`--simulations: ${values.simulations} is not a whole number of at least 100`);
  }
  const rows = validateTests(simulations);
  const printed = printedIntervals(coverageSimulations);
  const seconds = process.cpuUsage().user / 1e6;
  const text = document(rows, printed, { simulations, seconds }) + studiesPart();
  writeFileSync(page, text);
  console.log(text);
  process.exitCode = rows.every(({ ok }) => ok) && printed.every(isCovered) ? 0 : 1;
}
