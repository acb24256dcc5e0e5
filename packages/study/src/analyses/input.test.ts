import { describe, expect, it } from "vitest";
import { exampleInput } from "../test-support/example-study.js";
import { chooseMetric, describeMetric, metricOf, runNotes, sortRuns } from "./input.js";

describe("describeMetric", () => {
  it("takes label and unit as announced, without explanations in brackets", () => {
    const announced = [
      {
        key: "testLoss",
        label: "Test loss (mean negative log-likelihood)",
        direction: "minimize" as const,
        unit: "nats",
        split: "test" as const,
      },
    ];
    expect(describeMetric("testLoss", { metrics: announced })).toEqual({
      key: "testLoss",
      label: "test loss",
      direction: "minimize",
      unit: "nats",
    });
  });

  it("reads what it can from the name of an unannounced metric", () => {
    expect(describeMetric("validationAuc")).toMatchObject({ label: "validation AUC", unit: "fraction" });
    expect(describeMetric("trainLoss")).toMatchObject({ label: "train loss", direction: "minimize" });
    expect(describeMetric("recall (TPR)").label).toBe("recall (TPR)");
    expect(describeMetric("Business Score").label).toBe("Business Score");
    expect(describeMetric(`${"a".repeat(99)} ${"b".repeat(99)}`).label).toBe(
      `${"a".repeat(42)}…${"b".repeat(21)}`,
    );
    expect(describeMetric("perplexity")).toMatchObject({ label: "perplexity", unit: "", direction: null });
  });
});

describe("chooseMetric", () => {
  it("prefers what is asked for, then what was planned, then what is there", () => {
    const input = exampleInput();
    expect(chooseMetric({ ...input, metric: "testLoss" })).toBe("testLoss");
    expect(chooseMetric(input)).toBe("testAccuracy");
    const unplanned = { ...input.sweep, spec: { ...input.sweep.spec, analysisPlan: undefined } };
    const runs = input.runs.map((run) => {
      const { testAccuracy: _, ...summary } = run.summary;
      return { ...run, summary };
    });
    expect(chooseMetric({ ...input, sweep: unplanned, runs })).toBe("testLoss");
  });

  it("takes no hyperparameter or counter that a logger tells beside results", () => {
    const input = exampleInput();
    const unplanned = { ...input.sweep, spec: { ...input.sweep.spec, analysisPlan: undefined } };
    const [run] = input.runs;
    const told = [
      "lr",
      "lr-AdamW/pg1",
      "train/learning_rate",
      "epoch",
      "trainer/global_step",
      "train/grad_norm",
    ];
    const chosen = (...results: string[]) => {
      const keys = [...told, ...results];
      const summary = Object.fromEntries(keys.map((key) => [key, run?.summary.testLoss]));
      const changed = input.runs.map((one) => ({ ...one, summary })) as typeof input.runs;
      return chooseMetric({ ...input, sweep: unplanned, runs: changed });
    };
    expect(chosen("train/loss")).toBe("train/loss");
    expect(chosen("loss", "val_acc")).toBe("val_acc");
    expect(chosen("mIoU", "loss")).toBe("mIoU");
  });
});

describe("sortRuns", () => {
  it("uses ended study runs with the metric, and loses none of the others", () => {
    const { runs } = exampleInput();
    const changed = runs.map((run, index) => {
      if (index === 0) return { ...run, purpose: "verification" as const };
      if (index === 1) return { ...run, status: "failed" as const, excludedReason: "known fault" };
      if (index === 2) return { ...run, summary: {} };
      return run;
    });
    const sorted = sortRuns(changed, { key: "testAccuracy" });
    expect(sorted.used).toHaveLength(25);
    expect(sorted.excluded).toHaveLength(1);
    expect(sorted.withoutMetric).toHaveLength(1);
    const { check: _, ...kept } = sorted;
    expect(Object.values(kept).flat()).toHaveLength(27);
  });

  it("reads the value of the selected epoch, else the last one", () => {
    const [run] = exampleInput().runs;
    const summary = run?.summary.testAccuracy;
    if (!run || !summary) throw new Error("no run");
    const at = (change: object) => metricOf({ ...run, summary: { m: { ...summary, ...change } } }, "m");
    expect(at({ selected: 0.5, last: 0.7 })).toBe(0.5);
    expect(at({ selected: null, last: 0.7 })).toBe(0.7);
    expect(at({ selected: "NaN" })).toBeNaN();
    expect(metricOf(run, "absent")).toBeNull();
  });
});

describe("runNotes", () => {
  it("says that runs were added after results of others were in, and not where all were planned before", () => {
    const { runs } = exampleInput();
    const metric = describeMetric("testAccuracy");
    const notes = (all: typeof runs) => runNotes({ sorted: sortRuns(all, metric), metric }).join(" ");
    expect(notes(runs)).not.toContain("added after");
    const later = runs.map((run, index) =>
      index < 3
        ? { ...run, createdAt: "2027-01-01T00:00:00.000Z", endedAt: "2027-01-02T00:00:00.000Z" }
        : run,
    );
    expect(notes(later)).toContain("3 of the runs were added after the first results were in");
    const one = later.map((run, index) => (index < 1 ? run : (runs[index] ?? run)));
    expect(notes(one)).toContain("1 of the runs was added after the first results were in");
  });

  it("tells of one run that departed in the singular", () => {
    const { runs } = exampleInput();
    const metric = describeMetric("testAccuracy");
    const departed = runs.map((run, index) => (index === 0 ? { ...run, departures: 1 } : run));
    expect(runNotes({ sorted: sortRuns(departed, metric), metric })).toContain(
      `1 of ${runs.length} runs did not run as requested: it is not evidence for the arm that was requested, and is left out here.`,
    );
  });

  it("says which configurations are one in effect, by what the trainer reported, else by what was given", () => {
    const { runs } = exampleInput();
    const metric = describeMetric("testAccuracy");
    const [first, second] = [...new Set(runs.map(({ configurationKey }) => configurationKey))];
    const with_ = (of: (key: string) => object) =>
      runNotes({
        sorted: sortRuns(
          runs.map((run) => ({ ...run, ...of(run.configurationKey) })),
          metric,
        ),
        metric,
      }).join(" ");
    expect(second).toBeDefined();
    expect(with_(() => ({}))).not.toContain("in effect");
    expect(with_(() => ({ effectiveParams: { lr: 0.1, clipNorm: null } }))).toMatch(
      /".*" and ".*" are one configuration in effect \(the trainer reports equal hyperparameters\): differences between them are not an effect/,
    );
    const given = (key: string) => ({
      effectiveParams: null,
      params: key === first ? { a: 1, b: null } : { a: 1 },
    });
    expect(with_(given)).toContain("one configuration in effect (null means unset)");
    expect(
      with_((key) => ({ ...given(key), ...(key === first ? { effectiveParams: { a: 1 } } : {}) })),
    ).not.toContain("in effect");
  });
});
