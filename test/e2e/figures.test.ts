import { buffer } from "node:stream/consumers";
import { run } from "@reprise/contracts";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { downloaded, useE2e } from "../support/e2e.js";

describe("figures for a paper", () => {
  const e2e = useE2e();

  const saver = (page: Page, title: string) => async (item: string) =>
    downloaded(page, async () => {
      await page.getByRole("button", { name: `Save: ${title}` }).click();
      await page.getByRole("menuitem", { name: item }).click();
    });

  it("are saved in their printed width, on white, named, with letters as shapes, two at once too", async () => {
    const { sweep } = await e2e.study();
    const page = await e2e.open(`/sweeps/${sweep.id}`);
    await page.getByRole("tab", { name: "Cases" }).click();
    const title = "Which cases flip between runs?";
    const save = saver(page, title);
    const chart = page.getByRole("region", { name: title });
    // What is read above it may push it out of view again before it is drawn.
    const drawn = async () => {
      await chart.getByRole("heading", { name: title }).scrollIntoViewIfNeeded();
      return chart.locator("svg[data-chart][role=img]").count();
    };
    await expect.poll(drawn, { timeout: 60_000 }).toBeGreaterThan(0);
    const csv = await save("Data as CSV");
    expect(csv.content.toString().split("\r\n")[0]).toMatch(/Configuration,Seed,Run A,Run B/);
    // Whatever the page looks like.
    await page.emulateMedia({ colorScheme: "dark" });
    const svg = (await save("SVG, 85 mm")).content.toString();
    expect(svg).toMatch(/<svg[^>]* width="85mm"/);
    expect(svg).toContain(`<title>${title}</title>`);
    expect(svg).toMatch(/<rect width="321" height="\d+" fill="#ffffff"/);
    expect(svg).not.toMatch(/<text|<image|font-family|class=|var\(|<style/);
    const pdf = await save("PDF, 180 mm");
    expect(pdf.name).toMatch(/ 180 mm\.pdf$/);
    expect(pdf.content.subarray(0, 5).toString()).toBe("%PDF-");
    expect(Number(/MediaBox \[0 0 ([\d.]+)/.exec(pdf.content.toString("latin1"))?.[1])).toBeCloseTo(510, 0);
    const png = await save("PNG, 85 mm");
    expect(png.content.subarray(1, 4).toString()).toBe("PNG");
    // 600 dots an inch.
    expect(png.content.readUInt32BE(16)).toBe(2006);

    // Between legend and drawing stand sentences and a table on the page, and no blank space on paper; arms differ in grey, too.
    const scores = "Are the scores probabilities?";
    const panels = page.getByRole("region", { name: scores });
    await panels.getByRole("heading", { name: scores }).scrollIntoViewIfNeeded();
    await panels.locator("svg[data-chart][role=img]").first().waitFor();
    const curves = (await saver(page, scores)("SVG, 85 mm")).content.toString();
    const drawn85 = await panels.locator("svg[data-chart][role=img]").count();
    expect(Number(/viewBox="0 0 321 (\d+)"/.exec(curves)?.[1])).toBeLessThan(120 + 390 * drawn85);
    expect(curves).toContain('stroke-dasharray="7px, 3px"');

    // One that is asked for while another is drawn waits for it: each has its own width.
    const files: Promise<string>[] = [];
    page.on("download", (file) =>
      files.push(file.createReadStream().then(async (stream) => (await buffer(stream)).toString())),
    );
    await page.getByRole("button", { name: `Save: ${title}` }).click();
    await page.getByRole("menuitem", { name: "SVG, 180 mm" }).waitFor();
    await page.evaluate(
      `for (const width of [85, 180]) document.querySelector("[role=menuitem][aria-label='SVG, " + width + " mm']").click()`,
    );
    await expect.poll(() => files.length, { timeout: 30_000 }).toBe(2);
    const sizes = (await Promise.all(files)).map((file) =>
      /<svg[^>]* viewBox="0 0 (\d+) \d+" width="(\d+)mm"/.exec(file)?.slice(1),
    );
    expect(sizes).toEqual([
      ["321", "85"],
      ["680", "180"],
    ]);
  });

  it("have letters of every script: shapes, or pictures that the page names; a caption also where a page may not copy", async () => {
    const { id: sweepId } = await e2e.api.createSweep({
      ...{ name: "names in three scripts", trainer: "external", dataset: "slides" },
      search: { method: "external" },
    });
    for (const label of ["μάθηση", "模型", "تجربة 12 ثانية (b)"])
      for (const seed of [0, 1, 2]) {
        const begun = { sweepId, label, params: { label }, seed };
        const { id } = run.parse(await e2e.api.call("/runs", begun));
        const steps = { steps: [1], values: [0.9 + seed / 100] };
        await e2e.api.call(`/runs/${id}/metrics`, { series: { testAccuracy: steps } });
        await e2e.api.call(`/runs/${id}/finish`, {});
      }
    const page = await e2e.open("/glossary");
    // Over plain http from another machine, a browser gives a page no clipboard.
    await page.addInitScript("delete Navigator.prototype.clipboard");
    await page.goto(`/sweeps/${sweepId}`);
    const save = saver(page, "Where do the runs end?");
    await page.getByRole("heading", { name: "Where do the runs end?" }).scrollIntoViewIfNeeded();
    await page.getByText("模型").first().waitFor();
    const svg = (await save("SVG, 85 mm")).content.toString();
    expect(svg).not.toMatch(/<text|font-family/);
    // Greek has shapes of the font; each Chinese letter is a picture.
    expect(svg.match(/<image /g)?.length).toBeGreaterThanOrEqual(2);
    // Arabic letters join and are read from the right, the number among them from the left: together they are one picture.
    await page.getByText(/has no shapes for 模 型 تجربة 12 ثانية:/).waitFor();
    const shapes = [...svg.matchAll(/<image [^>]*width="([\d.]+)" height="([\d.]+)"/g)];
    const ratios = shapes.map(([, width, height]) => Number(width) / Number(height));
    expect(ratios.filter((ratio) => ratio > 3)).toHaveLength(ratios.filter((ratio) => ratio < 2).length / 2);
    const pdf = (await save("PDF, 85 mm")).content.toString("latin1");
    expect(pdf).toMatch(/\/Subtype ?\/Image/);
    expect(pdf).not.toMatch(/\/BaseFont ?\/(Times|Courier)/);
    const caption = await save("Title and caption as text");
    expect(caption.name).toMatch(/caption\.txt$/);
    expect(caption.content.toString()).toMatch(
      /^Where do the runs end\? Values per configuration and seed\./,
    );
  });
});
