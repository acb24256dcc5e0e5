import { describe, expect, test } from "vitest";
import { failure, run } from "./test-support/inline-trainer.js";

describe("breaches of the protocol", () => {
  const never = `setInterval(() => {}, 1000);`;
  test.each([
    [
      "garbage",
      `hello(); line("loss: 0.3 " + "x".repeat(5000)); ${never}`,
      /not JSON: loss: 0\.3 x+… \(\d+ more/,
    ],
    ["an event without a type", `line("[1]"); ${never}`, /without a type: \[1\]/],
    [
      "a metric with two steps and one value",
      `hello(); emit({ type: "metric", key: "a", steps: [1, 2], values: [1] }); ${never}`,
      /malformed metric event.*same length/,
    ],
    [
      "NaN as a bare word",
      `hello(); line('{"type":"metric","key":"a","steps":[1],"values":[NaN]}'); ${never}`,
      /not JSON/,
    ],
    ["a metric before hello", `metric(1); ${never}`, /metric event before hello/],
    ["hello twice", `hello(); hello(); ${never}`, /hello twice/],
    ["a metric after done", `hello(); done(); metric(1); ${never}`, /metric event after done/],
  ])("%s fails the run and ends the trainer", async (_, body, message) => {
    expect(failure(await run(body))).toMatchObject({ kind: "user", message: expect.stringMatching(message) });
  });

  test("a line beyond the limit fails the run with its start", async () => {
    const result = await run(`hello(); line("y".repeat(100_000)); ${never}`, { maxEventBytes: 10_000 });
    expect(failure(result).message).toMatch(/90000 bytes too long: yyy/);
  });

  test.each([
    [
      "lists in lists",
      `'{"type":"metric","key":"a","steps":' + "[".repeat(5_000_000)`,
      /nests deeper than 100/,
    ],
    ["more values than a worker could hold", `"[" + "0,".repeat(20_000_002)`, /more than 20000000 values/],
  ])("a line of %s is not read", async (_, text, message) => {
    expect(failure(await run(`hello(); line(${text}); ${never}`))).toMatchObject({
      kind: "user",
      message: expect.stringMatching(message),
    });
  });

  test("a line of 300 MB takes no more memory than its start, and a trainer beside it ends as it would alone", async () => {
    const piece = 1_000_000;
    let most = 0;
    const look = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }, 5);
    const before = process.memoryUsage().arrayBuffers;
    const body = `hello(); const piece = "x".repeat(${piece}); for (let at = 0; at < 300; at++) write(piece); line(""); ${never}`;
    const [long, beside] = await Promise.all([
      run(body, { maxEventBytes: 8 * piece }),
      run(`hello(); metric(1); done();`),
    ]);
    clearInterval(look);
    expect(failure(long).message).toMatch(/292000000 bytes too long: xxx/);
    expect(beside.outcome.status).toBe("succeeded");
    expect(most - before).toBeLessThan(100 * piece);
  });

  test("events of unknown type are logged once and are not fatal", async () => {
    const { outcome, logs } = await run(
      `hello(); emit({ type: "telepathy" }); emit({ type: "telepathy" }); done();`,
    );
    expect(outcome.status).toBe("succeeded");
    expect(logs.filter((entry) => entry.stream === "worker")).toHaveLength(1);
    expect(logs[0]?.text).toContain("telepathy");
  });

  test("log lines without end are cut", async () => {
    const { logs } = await run(`console.log("z".repeat(50_000)); hello(); done();`, { maxLogBytes: 100 });
    expect(logs[0]?.text).toBe(`${"z".repeat(100)}… (49900 more bytes)`);
  });
});
