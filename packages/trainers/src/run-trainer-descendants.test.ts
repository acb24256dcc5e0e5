import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { run } from "./test-support/inline-trainer.js";
import { isAlive } from "./test-support/is-alive.js";

/** Puts a process into a control group, version 2, below that of this process, where no group has a limit, and kills it by that: cgroups(7). */
const trial = `
  set -e
  place=$(awk '/ - cgroup2 / { print $4, $5; exit }' /proc/self/mountinfo)
  [ -n "$place" ] || { echo "no file system of control groups, version 2, is mounted" >&2; exit 1; }
  root=\${place% *} top=\${place#* } own=$(sed -n 's/^0:://p' /proc/self/cgroup)
  group="$top/\${own#"$root"}"
  at=$group
  while :; do
    for limit in memory.max memory.high cpu.max cpuset.cpus; do
      case $(cat "$at/$limit" 2>/dev/null || true) in ""|max*) ;; *) echo "$at/$limit has a limit" >&2; exit 1 ;; esac
    done
    [ "$at" -ef "$top" ] && break
    at=$(dirname "$at")
  done
  mkdir "$group/trial-$$"
  sleep 30 & pid=$!
  trap 'kill -9 $pid || true; wait $pid || true; rmdir "$group/trial-$$"' EXIT
  echo $pid > "$group/trial-$$/cgroup.procs"
  echo 1 > "$group/trial-$$/cgroup.kill"
  wait $pid || true
`;

/** Why processes cannot be put into control groups here; null where they can. */
function whyNoControlGroups(): string | null {
  const { status, stderr, error } = spawnSync("sh", ["-c", trial], { encoding: "utf8" });
  return status === 0 ? null : `no control groups: ${stderr?.trim() || error?.message}`;
}
const noControlGroups = whyNoControlGroups();

describe("a descendant", () => {
  test.runIf(process.platform === "linux").each([
    ["a session of its own", `spawn("sleep", ["300"], { detached: true, stdio: "ignore" }).pid`],
    [
      "a group of its own in its session, and cleared its environment",
      `Number(execFileSync("bash", ["-c", "set -m; env -i sleep 300 </dev/null >/dev/null 2>&1 3>&- & echo $!"]))`,
    ],
  ])("that has gone to %s ends with the trainer", async (_, escaping) => {
    const { outcome, logs } = await run(
      `const { spawn, execFileSync } = require("node:child_process");
       console.log(${escaping}); hello(); done(); setTimeout(() => process.exit(0), 50);`,
    );
    expect(outcome.status).toBe("succeeded");
    const escaped = Number(logs[0]?.text);
    expect(escaped).toBeGreaterThan(1);
    expect(isAlive(escaped)).toBe(false);
  });

  /** A trainer that ends and leaves a process that holds its pipes, in a session of its own and without its environment. */
  async function leavingAProcess(): Promise<number> {
    const escaping = `require("node:child_process").spawn("/bin/sleep", ["30"], { detached: true, stdio: "inherit", env: {} }).pid`;
    const { outcome, logs } = await run(
      `console.log(${escaping}); hello(); done(); setTimeout(() => process.exit(0), 50);`,
      { drainMs: 100 },
    );
    expect(outcome.status).toBe("succeeded");
    const escaped = Number(logs[0]?.text);
    // Signal 0 to anything else would reach this very process group.
    expect(escaped).toBeGreaterThan(1);
    return escaped;
  }

  test("that left session and environment behind ends with the trainer by its control group", async ({
    skip,
  }) => {
    if (noControlGroups) skip(noControlGroups);
    expect(isAlive(await leavingAProcess())).toBe(false);
  });

  test("that left them behind does not hold the worker, whatever it is found by", async () => {
    const escaped = await leavingAProcess();
    if (isAlive(escaped)) process.kill(escaped, "SIGKILL");
  });

  test("that ignores SIGTERM is killed after the grace, with the trainer that does", async () => {
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
});
