import { run, sweep } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";

describe("metrics whose scale is not declared", () => {
  const e2e = useE2e();

  async function send(path: string, body: unknown, method = "POST"): Promise<unknown> {
    const answer = await fetch(`${e2e.url}/api/v1${path}`, {
      ...{ method, body: JSON.stringify(body) },
      headers: { "content-type": "application/json" },
    });
    expect(answer.ok, await answer.clone().text()).toBe(true);
    return answer.json();
  }

  /** A logged study of two groups, a run for each value. */
  async function logged(name: string, groups: Record<string, number[]>): Promise<string> {
    const document = { name, trainer: "external", dataset: "slides", search: { method: "external" } };
    const { id: sweepId } = sweep.parse(
      await send("/sweeps", { ...document, modes: { nondeterministic: { repeats: 1 } } }),
    );
    for (const [label, values] of Object.entries(groups)) {
      for (const [seed, value] of values.entries()) {
        const { id } = run.parse(await send("/runs", { sweepId, label, params: { label }, seed }));
        const steps = { steps: [1, 2], values: [value * 0.9, value] };
        await send(`/runs/${id}/metrics`, { series: { testAccuracy: steps } });
        await send(`/runs/${id}/finish`, {});
      }
    }
    return sweepId;
  }

  const compared = (sweepId: string) => {
    const groups = ["a", "b"].map((name) => ({ name, filter: `params.label = '${name}'` }));
    return `/compare?sweep=${sweepId}&metrics=testAccuracy&groups=${encodeURIComponent(JSON.stringify(groups))}`;
  };
  const grouped = (sweepId: string) =>
    `/runs?sweep=${sweepId}&by=${encodeURIComponent("params.label")}&metric=testAccuracy`;

  it("are not compared or averaged where two scales are mixed, and the pages say how to declare one", async () => {
    const id = await logged("two scales", { a: [91.2, 91.7, 90.9], b: [0.901, 0.904, 0.899] });
    const page = await e2e.open(compared(id));
    await page.getByText("its values are on different scales").first().waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    const runs = await e2e.open(grouped(id));
    await runs.getByText("its values are on different scales").first().waitFor();
    await runs.getByText("PATCH /sweeps/{id}").first().waitFor();
    await runs.setViewportSize({ width: 390, height: 844 });
    expect(await sidewaysOverflow(runs)).toBe(0);
    const study = await e2e.open(`/sweeps/${id}`);
    await study.getByText("Test accuracy is not compared").first().waitFor();
  });

  it("show percent as percent once it is declared, the two points of a small group, and no more than 100 %", async () => {
    const id = await logged("percent", { a: [99.5, 93, 99.9], b: [95, 98] });
    await send(`/sweeps/${id}`, { metrics: { testAccuracy: { unit: "percent" } } }, "PATCH");
    const runs = await e2e.open(grouped(id));
    await runs.getByText("95.00 %, 98.00 %").waitFor();
    await runs
      .getByText(/ to 100\.0\s%/)
      .first()
      .waitFor();
    const page = await e2e.open(compared(id));
    await page.getByText("95.00 %, 98.00 %").waitFor();
    expect(await page.locator("#main").textContent()).not.toMatch(/\b1\d\d\.\d+\s%(?<!100\.0+\s%)/);
  });
});
