import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { RunRequest, TrainerEvent } from "@reprise/contracts";
import { describe, expect, test } from "vitest";
import { sampleRequest } from "./check/sample-request.js";
import { controlGroupOf } from "./control-group.js";
import type { TrainerOutcome } from "./outcome.js";
import { type RunTrainerOptions, runTrainer, type TrainerLog } from "./run-trainer.js";
import { trainerCommand } from "./trainer-command.js";
import { scrubbedEnvironment } from "./trainer-environment.js";

// A trainer in one string: `body` runs once the request has arrived.
const prelude = `
  const fs = require("node:fs");
  const write = (text) => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(3, bytes, at);
  };
  const line = (text) => write(text + "\\n");
  const emit = (event) => line(JSON.stringify(event));
  const hello = (more = {}) => emit({ type: "hello", name: "t", version: "1", effectiveParameters: request.parameters,
    backend: { requested: "auto", used: "cpu" }, ...more });
  const done = () => emit({ type: "done", digest: null, selectedEpoch: null });
  const metric = (step) => emit({ type: "metric", key: "trainLoss", steps: [step], values: [1 / step] });
  let request, text = "";
  process.stdin.on("data", (chunk) => {
    text += chunk;
    if (request || !text.includes("\\n")) return;
    request = JSON.parse(text);
    process.stdin.unref();
    main();
  });
`;

type Result = { outcome: TrainerOutcome; events: TrainerEvent[]; logs: TrainerLog[] };

type Options = Partial<RunTrainerOptions> & { command?: string; args?: string[] };

async function run(body: string, { command, args, ...options }: Options = {}): Promise<Result> {
  const events: TrainerEvent[] = [];
  const logs: TrainerLog[] = [];
  const outcome = await runTrainer({
    trainer: trainerCommand.parse({
      name: "t",
      command: command ?? process.execPath,
      args: args ?? (command ? [] : ["-e", `${prelude}; async function main() { ${body} }`]),
    }),
    request: sampleRequest(),
    environment: scrubbedEnvironment(process.env),
    onEvent: (event) => void events.push(event),
    onLog: (log) => void logs.push(log),
    ...options,
  });
  return { outcome, events, logs };
}

const failure = ({ outcome }: Result) => {
  if (outcome.status !== "failed") throw new Error(`expected a failure, got ${outcome.status}`);
  return outcome;
};

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

  /** A letter of the kernel's for what a process does; "Z" of one that has ended and that nobody has waited for. */
  function stateOf(pid: number): string | undefined {
    try {
      return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
    } catch {
      return "gone";
    }
  }

  test.runIf(process.platform === "linux").each([
    ["a session of its own", `spawn("sleep", ["300"], { detached: true, stdio: "ignore" }).pid`],
    [
      "a group of its own in its session, and cleared its environment",
      `Number(execFileSync("bash", ["-c", "set -m; env -i sleep 300 </dev/null >/dev/null 2>&1 3>&- & echo $!"]))`,
    ],
  ])("a descendant that has gone to %s ends with it", async (_, escaping) => {
    const { outcome, logs } = await run(
      `const { spawn, execFileSync } = require("node:child_process");
       console.log(${escaping}); hello(); done(); setTimeout(() => process.exit(0), 50);`,
    );
    expect(outcome.status).toBe("succeeded");
    const escaped = Number(logs[0]?.text);
    expect(escaped).toBeGreaterThan(1);
    expect(["gone", "Z"]).toContain(stateOf(escaped));
  });

  /** Whether processes can be put into control groups here. */
  async function hasControlGroups(): Promise<boolean> {
    const child = spawn("sleep", ["30"], { stdio: "ignore" });
    const group = child.pid === undefined ? null : controlGroupOf(child.pid);
    await group?.end();
    child.kill("SIGKILL");
    return group !== null;
  }

  test("a descendant that left session and environment behind ends with it by its control group; without one it does not hold the worker", async () => {
    const escaping = `require("node:child_process").spawn("/bin/sleep", ["30"], { detached: true, stdio: "inherit", env: {} }).pid`;
    const { outcome, logs } = await run(
      `console.log(${escaping}); hello(); done(); setTimeout(() => process.exit(0), 50);`,
      {
        drainMs: 100,
      },
    );
    expect(outcome.status).toBe("succeeded");
    const escaped = Number(logs[0]?.text);
    // Signal 0 to anything else would reach this very process group.
    expect(escaped).toBeGreaterThan(1);
    if (await hasControlGroups()) expect(["gone", "Z"]).toContain(stateOf(escaped));
    else process.kill(escaped, "SIGKILL");
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

  test.each([
    ["torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has", "20.00 GiB"],
    [
      "RuntimeError: DefaultCPUAllocator: can't allocate memory: you tried to allocate 80000000000 bytes. Error code 12 (Cannot allocate memory)",
      "74.5 GiB",
    ],
    ["numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.45 GiB for an array", "7.45 GiB"],
    ["MemoryError", "more than there is"],
  ])("out of memory by what the run asks for is its own error: %s", async (line, asked) => {
    const result = await run(`hello(); console.error(${JSON.stringify(line)}); process.exitCode = 1;`, {
      request: sampleRequest({ parameters: { batchSize: 4096, batchNorm: true } }),
    });
    expect(failure(result)).toMatchObject({
      kind: "user",
      message: `The trainer ran out of memory: it asked for ${asked} with batchSize 4096.`,
      hint: "Choose a smaller batchSize or a smaller model, or a device with more memory.",
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

describe("breaches of the protocol", () => {
  const never = `setInterval(() => {}, 1000);`;
  test.each([
    [
      "garbage",
      `hello(); line("loss: 0.3 " + "x".repeat(5000)); ${never}`,
      /no JSON: loss: 0\.3 x+… \(\d+ more/,
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
      /no JSON/,
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

  test("a machine without memory for a new process", async () => {
    const result = await run(
      `hello(); console.error("OSError: [Errno 12] Cannot allocate memory"); process.exitCode = 1;`,
    );
    expect(failure(result)).toMatchObject({
      kind: "infrastructure",
      message: "The machine had no memory left; the trainer ended with exit code 1.",
    });
  });

  test.each([
    ["OSError: [Errno 28] No space left on device", "OSError: [Errno 28] No space left on device"],
    [
      "cp: error writing 'x': No space left on device",
      "The trainer ended with exit code 1 without an error event. (cp: error writing 'x': No space left on device)",
    ],
    [
      "Traceback (most recent call last):\\nOSError: [Errno 28] No space left on device\\n\\nDuring handling of the above exception, another exception occurred:\\n\\nTraceback (most recent call last):\\n  File 'x'\\nRuntimeError: unexpected pos 64",
      "RuntimeError: unexpected pos 64 (OSError: [Errno 28] No space left on device)",
    ],
  ])("a disk without room is not an error of the run: %s", async (printed, message) => {
    const result = await run(`hello(); console.error("${printed}"); process.exitCode = 1;`);
    expect(failure(result)).toMatchObject({ kind: "infrastructure", diskFull: true, message });
  });

  test.each([
    // As PyTorch 2.13 and NumPy 2 print them on a full disk.
    [
      "torch.save",
      "RuntimeError: basic_ios::clear: iostream error\\n\\nDuring handling of the above exception, another exception occurred:\\n\\nTraceback (most recent call last):\\nRuntimeError: [enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0",
    ],
    ["numpy.save", "OSError: 1000000 requested and 131056 written"],
  ])("words of %s that may mean a full disk are told to who knows the disk", async (_, words) => {
    const result = await run(
      `hello(); console.error("Traceback (most recent call last):\\n${words}"); process.exitCode = 1;`,
    );
    expect(failure(result)).toMatchObject({ kind: "user", diskFull: true });
  });

  test("so are those of a library that ends its process for it", async () => {
    const words = `terminate called after throwing an instance of 'c10::Error'\\n  what():  [enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0`;
    const result = await run(`hello(); console.error("${words}"); process.abort();`);
    expect(failure(result)).toMatchObject({ kind: "infrastructure", diskFull: true });
  });

  test("a disk without room that a program has dealt with is not why it failed", async () => {
    const result = await run(
      `hello(); console.error("Traceback (most recent call last):\\nOSError: [Errno 28] No space left on device\\nno cache then\\nTraceback (most recent call last):\\n  File 'x'\\nValueError: bad labels"); process.exitCode = 1;`,
    );
    expect(failure(result)).toMatchObject({ kind: "user", message: "ValueError: bad labels" });
    expect(failure(result)).not.toHaveProperty("diskFull");
  });

  test("what a trainer calls an error of its user stays one, whatever it says of a disk", async () => {
    const result = await run(
      `hello(); emit({ type: "error", kind: "user", message: "ENOSPC: no space left on device, write" });`,
    );
    expect(failure(result)).toMatchObject({ kind: "user", diskFull: true });
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

  test("one that ignores SIGTERM is killed after the grace, with its children", async () => {
    const controller = new AbortController();
    let grandchild = 0;
    const { outcome } = await run(
      `process.on("SIGTERM", () => {});
       const child = require("node:child_process").spawn(process.execPath,
         ["-e", "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)"], { stdio: ["ignore", "pipe", "ignore"] });
       child.stdout.once("data", () => { hello(); emit({ type: "progress", done: child.pid, total: 1, unit: "pid" }); });`,
      {
        signal: controller.signal,
        graceMs: 100,
        onEvent: (event) => {
          if (event.type !== "progress") return;
          grandchild = event.done;
          controller.abort("on request");
        },
      },
    );
    expect(outcome.status).toBe("cancelled");
    expect(grandchild).toBeGreaterThan(0);
    await expect.poll(() => isAlive(grandchild)).toBe(false);
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

/** A killed process that nobody has waited for is a zombie: its pid still takes signals, but it runs no more. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
