import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { environment } from "@reprise/contracts";
import { describe, expect, test } from "vitest";
import { sampleRequest } from "../check/sample-request.js";
import { trainerCommand } from "../trainer-command.js";
import { trainerEnvironment } from "../trainer-environment.js";
import { createEnvironmentCollector, environmentDigest, mergeEnvironment } from "./collector.js";
import { containerImage, simdOf } from "./machine.js";

const run = promisify(execFile);

async function trainerFolder() {
  const folder = await mkdtemp(join(tmpdir(), "reprise-code-"));
  await writeFile(join(folder, "train.py"), "print('v1')\n");
  await writeFile(join(folder, "requirements.txt"), "torch==2.4.0\n");
  const git = (...args: string[]) =>
    run("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args]);
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-q", "-m", "first");
  const command = trainerCommand.parse({ name: "t", command: "python3", args: [join(folder, "train.py")] });
  const variables = trainerEnvironment({ base: process.env, run: sampleRequest() });
  const collect = () => createEnvironmentCollector().collect({ command, variables, gpuIndices: [] });
  return { folder, git, collect, command, variables };
}

describe("environment fingerprint", () => {
  test("is flat, sorted, complete, and equal when looked at twice", async () => {
    const { collect } = await trainerFolder();
    const values = await collect();
    expect(environment.shape.values.parse(values)).toEqual(values);
    expect(Object.keys(values)).toEqual(Object.keys(values).sort());
    expect(values).toMatchObject({
      "node.version": process.versions.node,
      "gpu.count": 0,
      "code.dirty": false,
      "code.commit": expect.stringMatching(/^[0-9a-f]{40}$/),
      "code.lock": expect.stringMatching(/^requirements\.txt [0-9a-f]{64}$/),
      "variable.CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    });
    expect(values["cpu.model"]).toBeTruthy();
    expect(environmentDigest(await collect())).toBe(environmentDigest(values));
  });

  test("the processor's vector units and the container's image are told where they can be", async () => {
    expect(simdOf(["fpu", "avx2", "sse4_2", "avx512f", "fma"])).toBe("avx2 avx512f fma sse4_2");
    expect(simdOf([])).toBeNull();
    const folder = await mkdtemp(join(tmpdir(), "reprise-container-"));
    const mark = join(folder, "containerenv");
    expect(containerImage({}, mark)).toBeNull();
    await writeFile(mark, 'engine="podman-4"\nimage="example.org/lab:1"\nimageid="ab12"\n');
    expect(containerImage({}, mark)).toBe("example.org/lab:1 ab12");
    expect(containerImage({ REPRISE_CONTAINER_IMAGE: "lab@sha256:ab" }, mark)).toBe("lab@sha256:ab");
  });

  test("the seed is not part of it, the arm's settings are", async () => {
    const { command } = await trainerFolder();
    const collector = createEnvironmentCollector();
    const digest = async (changes: Parameters<typeof sampleRequest>[0]) => {
      const variables = trainerEnvironment({ base: {}, run: sampleRequest(changes) });
      return environmentDigest(await collector.collect({ command, variables, gpuIndices: [] }));
    };
    const free = {
      name: "free",
      execution: { order: "free", algorithms: "default", autotune: true, tf32: false },
    } as const;
    expect(await digest({ seed: 1 })).toBe(await digest({ seed: 2 }));
    expect(await digest({ arm: free })).not.toBe(await digest({}));
  });

  test("changes with edited, staged and new files of the trainer's folder", async () => {
    const { folder, git, collect } = await trainerFolder();
    const digests = [environmentDigest(await collect())];
    const next = async () => digests.push(environmentDigest(await collect()));
    await writeFile(join(folder, "train.py"), "print('v2')\n");
    await next();
    await writeFile(join(folder, "model.py"), "layers = 3\n");
    await next();
    await writeFile(join(folder, "model.py"), "layers = 4\n");
    await next();
    await git("add", ".");
    await git("commit", "-q", "-m", "second");
    await next();
    expect(new Set(digests).size).toBe(digests.length);
  });

  test("the trainer's own values join it; secrets do not", () => {
    const merged = mergeEnvironment(
      { "node.version": "20", shared: "worker" },
      { torch: "2.4.0", shared: "trainer", "variable.HF_TOKEN": "hf_secret" },
    );
    expect(merged).toEqual({ "node.version": "20", shared: "trainer", torch: "2.4.0" });
  });
});
