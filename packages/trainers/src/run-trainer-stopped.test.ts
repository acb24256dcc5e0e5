import { describe, expect, test } from "vitest";
import { failure, run } from "./test-support/inline-trainer.js";

/** That a program prints these lines, and ends by itself with exit code 1. */
const printing = (...lines: string[]) =>
  run(`hello(); console.error(${JSON.stringify(lines.join("\n"))}); process.exitCode = 1;`);

describe("an end that its worker has not asked for may be that of a whole job", () => {
  test.each([
    ["a signal", `process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000);`],
    ["the exit code of a shell", `process.exit(143);`],
    ["the exit code of a program that Python started", `process.exit(256 - 15);`],
    ["exit code 0 in the middle", `process.exit(0);`],
    [
      "an error event of a program that handles the signal itself",
      `emit({ type: "error", kind: "infrastructure",
        message: "SIGTERM asked the program to stop; it handled that itself, and ended with exit code 0." });`,
    ],
  ])("%s", async (_, body) => {
    expect(failure(await run(`hello(); ${body}`))).toMatchObject({ asIfStopped: true });
  });

  test.each([
    ["Python", "KeyboardInterrupt"],
    ["Lightning", "lightning.pytorch.utilities.exceptions.SIGTERMException"],
    [
      "torchrun",
      "torch.distributed.elastic.multiprocessing.api.SignalException: Process 4711 got signal: 15",
    ],
    ["torchrun's table", "  traceback : Signal 15 (SIGTERM) received by PID 4712"],
    ["a loader of data", "RuntimeError: DataLoader worker (pid 4712) is killed by signal: Terminated. "],
    [
      "torch.multiprocessing.spawn",
      "torch.multiprocessing.spawn.ProcessExitedException: process 0 terminated with signal SIGTERM",
    ],
    [
      "subprocess",
      "subprocess.CalledProcessError: Command '['python', 'train.py']' died with <Signals.SIGTERM: 15>.",
    ],
    ["MPI", "mpirun noticed that process rank 0 exited on signal 15 (Terminated)."],
    [
      "Slurm",
      "slurmstepd: error: *** STEP 4711.0 ON node1 CANCELLED AT 2026-12-01T09:00:00 DUE TO PREEMPTION ***",
    ],
  ])("the words of %s", async (_, words) => {
    const end = failure(await printing("Traceback (most recent call last):", '  File "x", line 1', words));
    expect(end).toMatchObject({ asIfStopped: true });
    expect(failure(await printing(words, "waiting for the others"))).toMatchObject({ asIfStopped: true });
  });
});

describe("an end that says nothing of a stop is judged at once", () => {
  test.each([
    ["an exception", `console.error("ValueError: bad labels"); process.exitCode = 1;`],
    ["a signal that stops nobody", `process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000);`],
    [
      "a loader of data that was short of memory",
      `console.error("RuntimeError: DataLoader worker (pid 1) is killed by signal: Bus error."); process.exitCode = 1;`,
    ],
    ["an error event", `emit({ type: "error", kind: "user", message: "no such file" });`],
    // It was stopped, by its worker.
    [
      "a breach of the protocol",
      `process.on("SIGTERM", () => process.exit(143)); line("no event"); setInterval(() => {}, 1000);`,
    ],
  ])("%s", async (_, body) => {
    expect(failure(await run(`hello(); ${body}`))).not.toHaveProperty("asIfStopped");
  });
});

describe("half an event line", () => {
  const half = `fs.writeSync(3, '{"type": "metric", "key": "lo');`;

  test.each([
    ["SIGTERM", { message: "The trainer was killed by SIGTERM.", asIfStopped: true }],
    ["SIGKILL", { message: expect.stringContaining("killed by SIGKILL") }],
  ])("of one that %s ends while it writes is no breach", async (signal, expected) => {
    const body = `hello(); ${half} process.kill(process.pid, "${signal}"); setInterval(() => {}, 1000);`;
    expect(failure(await run(body))).toMatchObject({ kind: "infrastructure", ...expected });
  });

  test("of one that ends by itself, and well, is one", async () => {
    const { kind, message } = failure(await run(`hello(); ${half}`));
    expect({ kind, message }).toEqual({ kind: "user", message: expect.stringContaining('"lo') });
  });
});
