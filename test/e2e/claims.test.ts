import { describe, expect, it } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";
import { misreportingRun, overriddenStudy } from "../support/overridden-study.js";
import { settled } from "../support/tour.js";

describe("runs that were observed not to run as requested", () => {
  const e2e = useE2e();

  async function fitsNarrowly(path: string): Promise<void> {
    const narrow = await e2e.open(path, { viewport: { width: 390, height: 844 } });
    await settled(narrow);
    expect(await sidewaysOverflow(narrow)).toBe(0);
  }

  it("are named first on the page of their study", async () => {
    const { sweepId } = await overriddenStudy(e2e.api);
    const page = await e2e.open(`/sweeps/${sweepId}`);
    await page
      .getByText(
        /^2 of 6 runs did not run as requested, and are not evidence for their arms\. Free executions/,
      )
      .waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await fitsNarrowly(`/sweeps/${sweepId}`);
    await page.goto(`/sweeps/${sweepId}?view=spread`);
    await settled(page);
    await page.getByText("It was not observed that only one source varies at a time.").waitFor();
    const said = await page.locator("#main").textContent();
    expect(said).toContain("between repeats");
    expect(said).not.toContain("only execution varies");
  });

  it("say on their page what each setting was, from which step on, and what was requested", async () => {
    const { departedId } = await overriddenStudy(e2e.api);
    const page = await e2e.open(`/runs/${departedId}`);
    await page
      .getByText(
        "torch.use_deterministic_algorithms was observed as false from step 10 to step 20, set in train.py:31; true was requested.",
      )
      .waitFor();
    await page.getByRole("tab", { name: "Evidence" }).click();
    const row = page
      .getByRole("region", { name: "Not as requested" })
      .getByRole("row", { name: /torch\.use_deterministic_algorithms/ });
    await row.waitFor();
    expect(await row.getByRole("cell").allTextContents()).toEqual([
      "true",
      "true, then false",
      "0 to 20",
      "train.py:31",
      "observed",
      "3",
    ]);
    // Every process that was looked into, each under its rank.
    await page.getByText("Processes by rank: 0, 1.").waitFor();
    const settings = page.getByRole("region", { name: "Settings over time" });
    const ofRank = settings.getByRole("row", { name: /^seed \(rank 1\)/ });
    expect((await ofRank.getByRole("cell").allTextContents()).slice(0, 2)).toEqual(["42", "43"]);
    await page.getByRole("heading", { name: "Which learning rates did its optimizers use?" }).waitFor();
    const claim = page
      .getByRole("region", { name: "How it is known" })
      .getByRole("row", { name: /^Algorithms/ });
    expect(await claim.getByRole("cell").nth(1).textContent()).toBe("observed, not as requested");
    const place = page.getByRole("region", { name: "Where the two part" });
    expect(await place.getByRole("row", { name: /^Operation/ }).textContent()).toContain(
      "aten.index_put.default",
    );
    expect(await seriousViolations(page)).toEqual([]);
    await fitsNarrowly(`/runs/${departedId}?view=evidence`);
  });

  it("are evidence for their arm where the program merely logs what its optimizer does not use", async () => {
    const id = await misreportingRun(e2e.api);
    const page = await e2e.open(`/runs/${id}?view=evidence`);
    await page.getByText("Settings and seed of the arm were observed as requested.").waitFor();
    await page.getByRole("heading", { name: "Did it use what it logs?" }).waitFor();
    const row = page
      .getByRole("region", { name: "Logged otherwise than used" })
      .getByRole("row", { name: /optimizer\.weight_decay/ });
    expect((await row.getByRole("cell").allTextContents()).slice(0, 3)).toEqual(["0.0005", "0", "1 to 10"]);
    expect(await page.getByRole("region", { name: "Not as requested" }).count()).toBe(0);
    expect(await page.locator("#main").textContent()).not.toContain("not evidence for its arm");
    expect(await seriousViolations(page)).toEqual([]);
    await fitsNarrowly(`/runs/${id}?view=evidence`);
  });
});
