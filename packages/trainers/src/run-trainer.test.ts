import type { RunRequest } from "@reprise/contracts";
import { describe, expect, test } from "vitest";
import { sampleRequest } from "./check/sample-request.js";
import { failure, run } from "./test-support/inline-trainer.js";

describe("a trainer that keeps to the protocol", () => {
  test("its events arrive in order, its prints are logs", async () => {
    const { outcome, events, logs } = await run(
      `console.log("to stdout"); hello(); console.error("to stderr"); metric(1); metric(2);
       emit({ type: "log", level: "info", message: "a log event" }); done();`,
    );
    expect(outcome).toMatchObject({ status: "succeeded", hello: { name: "t" }, done: { digest: null } });
    expect(events.map((event) => event.type)).toEqual(["hello", "metric", "metric", "done"]);
    expect(logs.map(({ stream, text }) => `${stream}|${text}`).sort()).toEqual([
      "stderr|to stderr",
      "stdout|to stdout",
      "trainer|info: a log event",
    ]);
  });

  test("gets exactly the request on stdin", async () => {
    const request = sampleRequest({ parameters: { hidden: [64, 64], rate: 0.1, off: null }, seed: 7 });
    const { logs } = await run(`console.log(text.trim()); hello(); done();`, { request });
    expect(JSON.parse(logs[0]?.text ?? "")).toEqual(request);
  });

  test("non-finite metrics travel as strings", async () => {
    const { events } = await run(
      `hello(); emit({ type: "metric", key: "loss", steps: [1, 2], values: ["NaN", "-Infinity"] }); done();`,
    );
    expect(events[1]).toMatchObject({ values: ["NaN", "-Infinity"] });
  });

  test("event lines far longer than a pipe's buffer arrive whole", async () => {
    const { outcome, events } = await run(
      `hello(); emit({ type: "embedding", epoch: 1, vector: Array.from({ length: 300_000 }, (_, i) => i / 7) }); done();`,
    );
    expect(outcome.status).toBe("succeeded");
    const [, embedding] = events;
    expect(embedding?.type === "embedding" && embedding.vector.length).toBe(300_000);
  });

  test("it is held back while the receiver is busy", async () => {
    let pending = 0;
    let max = 0;
    const { outcome } = await run(`hello(); for (let i = 1; i <= 50; i++) metric(i); done();`, {
      onEvent: async () => {
        pending += 1;
        max = Math.max(max, pending);
        await new Promise((resolve) => setImmediate(resolve));
        pending -= 1;
      },
    });
    expect(outcome.status).toBe("succeeded");
    expect(max).toBe(1);
  });

  test("a slow receiver gets everything, long after the trainer has exited", async () => {
    let count = 0;
    const { outcome } = await run(`hello(); for (let i = 1; i <= 30; i++) metric(i); done();`, {
      drainMs: 20,
      onEvent: async () => {
        count += 1;
        await new Promise((resolve) => setTimeout(resolve, 30));
      },
    });
    expect(outcome.status).toBe("succeeded");
    expect(count).toBe(32);
  });

  test("one that stays on after done is ended, and its result counts", async () => {
    const { outcome } = await run(`hello(); done(); setInterval(() => {}, 1000);`, {
      lingerMs: 50,
      graceMs: 50,
    });
    expect(outcome.status).toBe("succeeded");
  });
});

describe("errors of the run", () => {
  test("an error event of kind user", async () => {
    const result = await run(
      `hello(); emit({ type: "error", kind: "user", message: "no such file", hint: "put it there" }); process.exit(1);`,
    );
    expect(failure(result)).toMatchObject({ kind: "user", message: "no such file", hint: "put it there" });
  });

  test("exit code 1 without an error event keeps the last lines of stderr", async () => {
    const result = await run(`hello(); console.error("no such column"); process.exitCode = 1;`);
    expect(failure(result)).toMatchObject({
      kind: "user",
      message: "The trainer ended with exit code 1 without an error event.",
      lastLines: ["no such column"],
    });
  });

  test("a traceback is told by its exception", async () => {
    const traceback = [
      "Traceback (most recent call last):",
      '  File "train.py", line 3, in <module>',
      "KeyError: 'label'",
    ];
    const result = await run(
      `hello(); console.error(${JSON.stringify(traceback.join("\n"))}); process.exitCode = 1;`,
    );
    expect(failure(result)).toMatchObject({
      kind: "user",
      message: "KeyError: 'label'",
      lastLines: traceback,
    });
  });

  test("exit code 0 without done, and without hello", async () => {
    expect(failure(await run(`hello();`))).toMatchObject({
      kind: "user",
      message: expect.stringMatching(/without a done/),
    });
    expect(failure(await run(``))).toMatchObject({ kind: "user", message: expect.stringMatching(/hello/) });
  });

  test("null is unset: whatever the trainer uses then, or leaves out, is right", async () => {
    const request: RunRequest = sampleRequest({
      parameters: { optimizer: null, clipNorm: null, crop: null },
    });
    const result = await run(
      `hello({ effectiveParameters: { optimizer: "adam", crop: null }, unusedParameters: ["crop"] }); done();`,
      { request },
    );
    expect(result.outcome).toMatchObject({ status: "succeeded" });
  });

  test("what a trainer tells of its configuration is flattened, and keeps every digit of its integers", async () => {
    const { events } = await run(
      `line('{"type": "hello", "name": "t", "version": "1", "effectiveParameters": {"data": {"offset": 9007199254740993}}, "backend": {"requested": "auto", "used": "cpu"}}');
      line('{"type": "environment", "values": {"seed": 14695981039346656037, "n": 3}}'); done();`,
    );
    expect(events).toEqual([
      expect.objectContaining({ effectiveParameters: { "data.offset": "9007199254740993" } }),
      expect.objectContaining({ values: { seed: "14695981039346656037", n: 3 } }),
      expect.objectContaining({ type: "done" }),
    ]);
  });

  test("a requested hyperparameter that is missing, changed or unused is named", async () => {
    const request: RunRequest = sampleRequest({ parameters: { weightDecay: 0.1, rate: 0.5, crop: 0.8 } });
    const result = await run(
      `hello({ effectiveParameters: { rate: 0.25, crop: 0.8, momentum: 0 }, unusedParameters: ["crop"] }); done();`,
      { request },
    );
    const { kind, message } = failure(result);
    expect(kind).toBe("user");
    expect(message).toContain("weightDecay = 0.1 was requested but is missing");
    expect(message).toContain("rate: requested 0.5, used 0.25");
    expect(message).toContain("crop = 0.8 was requested but is not used");
  });

  test("a run that asked for a GPU is never silently run on a CPU", async () => {
    const result = await run(`hello(); done();`, { request: sampleRequest({ backend: "node-gpu" }) });
    expect(failure(result)).toMatchObject({
      kind: "user",
      message: "Backend node-gpu was requested, the trainer used cpu.",
    });
  });
});

describe("failures of the infrastructure", () => {
  test("killed by a signal", async () => {
    const result = await run(
      `hello(); process.kill(process.pid, "SIGKILL"); ${"setInterval(() => {}, 1000);"}`,
    );
    expect(failure(result)).toMatchObject({
      kind: "infrastructure",
      message: expect.stringMatching(/SIGKILL/),
    });
  });

  test("one that knows nothing of the protocol and tells no result leaves that as a gap", async () => {
    const silent = await run("", { command: "true {seed}", args: [] });
    expect(silent.outcome.status).toBe("succeeded");
    expect(silent.events.map(({ type }) => type)).toEqual(["hello", "capture-gap", "done"]);
    const telling = JSON.stringify({ type: "metric", key: "loss", steps: [1], values: [1] });
    const told = await run("", {
      command: `sh -c 'printf "%s\\n" "$0" >&3' '${telling.replaceAll("{", "{{").replaceAll("}", "}}")}' {seed}`,
      args: [],
    });
    expect(told.events.map(({ type }) => type)).toEqual(["hello", "metric", "done"]);
  });

  test("killed behind a shell", async () => {
    const result = await run("", { command: "sh", args: ["-c", "sh -c 'kill -9 $$'; exit $?"] });
    expect(failure(result)).toMatchObject({
      kind: "infrastructure",
      message: expect.stringMatching(/SIGKILL/),
    });
  });

  test("an error event of kind infrastructure", async () => {
    const result = await run(
      `hello(); emit({ type: "error", kind: "infrastructure", message: "disk full" }); process.exit(3);`,
    );
    expect(failure(result)).toMatchObject({ kind: "infrastructure", message: "disk full" });
  });

  test("a program that does not exist", async () => {
    const result = await run("", { command: "/nonexistent/trainer" });
    expect(failure(result)).toMatchObject({
      kind: "infrastructure",
      started: false,
      message: expect.stringMatching(/ENOENT/),
    });
  });

  test("an error of the receiver ends the trainer and is passed on", async () => {
    const broken = run(`hello(); setInterval(() => {}, 1000);`, {
      onEvent: () => {
        throw new Error("receiver is broken");
      },
      graceMs: 100,
    });
    await expect(broken).rejects.toThrow("receiver is broken");
  });
});

describe("cancel", () => {
  test("SIGTERM lets a trainer end by itself", async () => {
    const controller = new AbortController();
    const { outcome, logs } = await run(
      `process.on("SIGTERM", () => { console.log("tidied up"); process.exit(0); }); hello(); setInterval(() => {}, 1000);`,
      { signal: controller.signal, onEvent: () => controller.abort("on request") },
    );
    expect(outcome).toEqual({ status: "cancelled", reason: "on request" });
    expect(logs.map((entry) => entry.text)).toContain("tidied up");
  });

  test("before the start nothing is started", async () => {
    const result = await run("", { signal: AbortSignal.abort("too late"), command: "/nonexistent/trainer" });
    expect(result.outcome).toEqual({ status: "cancelled", reason: "too late" });
  });

  test("a result that is complete is kept", async () => {
    const controller = new AbortController();
    const { outcome } = await run(`hello(); done();`, {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === "done") controller.abort("too late");
      },
    });
    expect(outcome.status).toBe("succeeded");
  });
});
