import type { Evidence } from "@reprise/contracts";
import { Suspense } from "react";
import type { ChartData } from "../../shared/charts/chart-data.js";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { LinePanel } from "../../shared/charts/lazy-line-panel.js";
import { Legend, line } from "../../shared/charts/legend.js";
import type { PanelLine } from "../../shared/charts/line-rows.js";
import { Placeholder } from "../../shared/ui/states.js";

const learningRate = /^(optimizer\d*(?:\.group\d+)?)\.lr$/;
const colors = ["var(--ink)", "#56B4E9", "#009E73", "#E69F00", "#CC79A7"];

/** The learning rate of each group of each optimizer, from the first step at which it had a value to the last. */
function linesOf(observed: Evidence["observed"]): PanelLine[] {
  const lines = new Map<string, PanelLine>();
  for (const { name, value, step, toStep, observer } of observed) {
    const group = learningRate.exec(name)?.[1];
    if (group === undefined || step === null || toStep === null || typeof value !== "number") continue;
    const known = lines.get(group) ?? {
      ...{ key: group, label: group, steps: [], values: [] },
      color: colors[lines.size % colors.length] ?? "var(--ink)",
    };
    const before = known.steps.at(-1);
    // Reprise's code looks after every step and tells of changes: until then the value was the former one.
    const isHeld = observer === "reprise" && before !== undefined && step - 1 > before;
    const steps = [...(isHeld ? [step - 1] : []), step, ...(step === toStep ? [] : [toStep])];
    const last = known.values.at(-1) ?? null;
    lines.set(group, {
      ...known,
      steps: [...known.steps, ...steps],
      values: [...known.values, ...(isHeld ? [last] : []), value, ...(step === toStep ? [] : [value])],
    });
  }
  return [...lines.values()];
}

const dataOf = (lines: readonly PanelLine[]): ChartData => ({
  columns: ["group", "step", "learning rate"],
  rows: lines.flatMap(({ label, steps, values }) =>
    steps.map((step, index) => [label, step, values[index] ?? null]),
  ),
});

/** How learning rates moved over the steps; nothing where none did. */
export function LearningRates({ runId, observed }: { runId: string; observed: Evidence["observed"] }) {
  const lines = linesOf(observed);
  if (!lines.some(({ values }) => new Set(values).size > 1)) return null;
  return (
    <ChartFrame
      title="Which learning rates did its optimizers use?"
      lead="As read from every group of every optimizer after each of its steps."
      name={`run ${runId} learning rates`}
      data={dataOf(lines)}
      legend={
        lines.length > 1 ? (
          <Legend items={lines.map(({ color, label }) => ({ mark: line(color), text: label }))} />
        ) : undefined
      }
    >
      <Suspense fallback={<Placeholder height={240} label="Loading the chart" />}>
        <LinePanel
          name="Learning rate over steps; the same figures are in the data table"
          lines={lines}
          unit=""
          xLabel="step"
          yLabel="learning rate"
          height={240}
        />
      </Suspense>
    </ChartFrame>
  );
}
