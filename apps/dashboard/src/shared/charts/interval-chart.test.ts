import { expect, it } from "vitest";
import { intervalDomain } from "./interval-chart.js";

const row = (value: number, low: number, high: number) => ({
  key: "a",
  label: "a",
  value,
  low,
  high,
  color: "",
  text: "",
});

it("shows the negative end of an interval although its estimate is positive", () => {
  const [from, to] = intervalDomain([row(0.07, -0.1, 0.2)], [0]);
  expect(from).toBeLessThan(-0.1);
  expect(to).toBeGreaterThan(0.2);
});

it("starts at zero where nothing is negative, and cuts intervals that are far wider than the figures", () => {
  const [from, to] = intervalDomain([row(1.2, 0.6, 40)], [0]);
  expect(from).toBe(0);
  expect(to).toBeLessThan(5);
});
