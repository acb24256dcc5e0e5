import { describe, expect, it } from "vitest";
import { linksOf } from "./start-page.js";

const pages = [
  { path: "/sweeps/new", with: [], without: [], reads: [], scripts: ["/assets/new.js"] },
  {
    path: "/sweeps/:id",
    with: [],
    without: [],
    reads: ["/api/v1/sweeps/:id", "/api/v1/sweeps/:id/analyses/determinism?metric=:metric"],
    scripts: ["/assets/sweep.js"],
  },
  {
    path: "/runs",
    with: ["sweep"],
    without: ["by"],
    reads: ["/api/v1/runs?sweepId=:sweep&filter=:filter&by=&limit=200"],
    scripts: ["/assets/runs.js"],
  },
  { path: "/runs", with: [], without: [], reads: [], scripts: ["/assets/runs.js"] },
];
const hrefs = (url: string, signedIn = true) =>
  [...linksOf(pages, url, signedIn).matchAll(/rel="(\w+)".*?href="([^"]*)"/g)].map(
    ([, rel, href]) => `${rel} ${href}`,
  );

describe("links of the start page", () => {
  it("names scripts and first reads of the page, with the values of its address", () => {
    expect(hrefs("/sweeps/0198-ab")).toEqual([
      "modulepreload /assets/sweep.js",
      "preload /api/v1/sweeps/0198-ab",
      "preload /api/v1/sweeps/0198-ab/analyses/determinism",
    ]);
    expect(hrefs("/sweeps/0198-ab/?metric=testAuc")[2]).toBe(
      "preload /api/v1/sweeps/0198-ab/analyses/determinism?metric=testAuc",
    );
  });

  it("takes the first page that fits, also by what its search has and has not", () => {
    expect(hrefs("/sweeps/new")).toEqual(["modulepreload /assets/new.js"]);
    expect(hrefs("/runs?sweep=s&filter=metrics.a%20%3E%201")[1]).toBe(
      "preload /api/v1/runs?sweepId=s&amp;filter=metrics.a+%3E+1&amp;by=&amp;limit=200",
    );
    expect(hrefs("/runs?sweep=s&by=arm")).toEqual(["modulepreload /assets/runs.js"]);
    expect(hrefs("/runs?sweep=")).toEqual(["modulepreload /assets/runs.js"]);
  });

  it("reads nothing where a value may stand for something else, and lets nothing out of its quotes", () => {
    expect(hrefs("/sweeps/s?metric=%22a%22")).toEqual(["modulepreload /assets/sweep.js"]);
    expect(linksOf(pages, "/sweeps/s%22><script>", true)).toBe("");
    expect(linksOf(pages, "/runs?sweep=a%22%3E%3Cscript%3E", true)).not.toContain("<script>");
  });

  it("asks for no figures that nobody has signed in for", () => {
    expect(hrefs("/sweeps/0198-ab", false)).toEqual(["modulepreload /assets/sweep.js"]);
  });

  it("has nothing for an unknown address", () => {
    expect(linksOf(pages, "/nowhere", true)).toBe("");
  });
});
