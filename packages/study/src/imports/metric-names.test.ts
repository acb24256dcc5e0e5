import { expect, it } from "vitest";
import { metricKeysOf } from "./metric-names.js";

it("names of metrics that become one when they are cleaned stay apart, and a name that can be kept is kept", () => {
  const keys = metricKeysOf([
    "loss\u0000",
    "loss\u200b",
    "loss\ufffd",
    " acc",
    "acc",
    "x".repeat(300),
    "x".repeat(299),
    "",
  ]);
  expect(keys.get("loss\ufffd")).toBe("loss\ufffd");
  expect(keys.get("acc")).toBe("acc");
  expect(keys.get(" acc")).toBe("acc (2)");
  expect(new Set(keys.values()).size).toBe(keys.size);
  for (const key of keys.values()) expect([...key].length).toBeLessThanOrEqual(256);
});
