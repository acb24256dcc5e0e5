import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { seriousViolations, sidewaysOverflow, useE2e } from "../support/e2e.js";

describe("a run repeated from its page", () => {
  const e2e = useE2e();

  it("parts at a step when it is free, and gives the same bits when replayed", async () => {
    const { runs } = await e2e.study();
    // On a busy machine a free run may sum in the order of the deterministic ones: two such runs would not part.
    const fixed = new Set(runs.flatMap(({ arm, digest }) => (arm === "det" ? [digest] : [])));
    const free = runs.find(
      ({ arm, configurationLabel, digest }) =>
        arm === "free" && configurationLabel === "Adam" && !fixed.has(digest),
    );
    const page = await e2e.open(`/runs/${free?.id}`);

    await page.getByRole("button", { name: "Verify" }).click();
    const verification = page.getByRole("article", { name: "Verification" });
    await verification.getByRole("heading", { name: /^(Different|Within tolerance)$/ }).waitFor();
    await verification.getByText(/The runs part at step \d+/).waitFor();
    const drawing = verification.getByRole("img", {
      name: /first differ at step \d+; \d+ of \d+ steps equal/,
    });
    await drawing.waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await page.getByRole("button", { name: "Replay" }).click();
    const replay = page.getByRole("article", { name: "Replay" });
    await replay.getByRole("heading", { name: "Bit-identical" }).waitFor();
    await replay.getByRole("img", { name: /are equal on every rung/ }).waitFor();

    // A reviewer's way on: the repetition has a page of its own, which leads back.
    await replay.getByRole("link", { name: "its own page" }).click();
    await page.getByText("A repetition, in no analysis").waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("link", { name: /the run that it repeats/ }).click();
    await verification.waitFor();
    expect(await sidewaysOverflow(page)).toBe(0);
  });

  it("hands out its final weights, whose bytes have the digest that the page shows", async () => {
    const { runs } = await e2e.study();
    const page = await e2e.open(`/runs/${runs[0]?.id}?view=artifacts`);
    const row = page.getByRole("row", { name: /Final weights/ });
    const shown = await row.getByTitle(/^[0-9a-f]{64}$/).getAttribute("title");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      row.getByRole("link", { name: "Download final-weights.safetensors" }).click(),
    ]);
    const hash = createHash("sha256");
    for await (const piece of await download.createReadStream()) hash.update(piece);
    expect(hash.digest("hex")).toBe(shown);
    expect(await seriousViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await sidewaysOverflow(page)).toBe(0);
  });
});
