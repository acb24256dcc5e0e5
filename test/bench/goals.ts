/** What is wanted, what was measured, and whether it is enough, in the words of all benches. */
export type Goal = {
  what: string;
  wanted: number;
  measured: number;
  unit: string;
  /** Whether more is better; else less is. */
  more?: boolean;
};

const shown = (value: number) =>
  Number.isInteger(value) || Math.abs(value) >= 100
    ? Math.round(value).toLocaleString("en")
    : value.toPrecision(3);

/** Prints a table of them. A goal is of a quiet machine: the table says what else the machine did. */
export function printGoals(goals: readonly Goal[], load: number | undefined): void {
  const rows = goals.map(({ what, wanted, measured, unit, more = false }) => {
    const isMet = more ? measured >= wanted : measured <= wanted;
    return `| ${what} | ${more ? "at least" : "at most"} ${shown(wanted)} ${unit} | ${shown(measured)} ${unit} | ${isMet ? "met" : "missed"} |`;
  });
  console.log(`
| goal (load ${load?.toFixed(1)}) | wanted | measured | verdict |
|---|---:|---:|---|
${rows.join("\n")}`);
}
