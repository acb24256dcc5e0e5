import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { printableConfig, readWorkerConfig } from "./config.js";
import { ConfigError } from "./config-file.js";

const databaseUrl = "postgresql://reprise:hunter2@db.example.org/reprise?sslpassword=hunter3";

async function fileWith(yaml: string) {
  const folder = await mkdtemp(join(tmpdir(), "reprise-worker-"));
  const path = join(folder, "worker.yaml");
  await writeFile(path, yaml);
  return { folder, path };
}

describe("worker configuration", () => {
  test("commands come from the worker's own file, with paths relative to it", async () => {
    const { folder, path } = await fileWith(`
name: gpu-box
trainers:
  - name: openclip
    command: python3
    args: [train.py, --fast]
    capabilities: capabilities.json
    env: { OMP_NUM_THREADS: "4" }
energy: { place: DE, pue: 1.2 }
quarantineAfter: 5
leaseSeconds: 8
`);
    const config = readWorkerConfig({
      DATABASE_URL: databaseUrl,
      REPRISE_WORKER_CONFIG: path,
      REDIS_URL: "",
    });
    expect(config).toMatchObject({
      name: "gpu-box",
      redisUrl: null,
      quarantineAfter: 5,
      ...{ leaseMs: 8_000, heartbeatMs: 2_000 },
      energy: { place: "DE", pue: 1.2 },
      trainers: [
        {
          name: "openclip",
          command: "python3",
          args: ["train.py", "--fast"],
          workingDirectory: folder,
          capabilities: join(folder, "capabilities.json"),
        },
      ],
    });
    const named = readWorkerConfig({
      DATABASE_URL: databaseUrl,
      REPRISE_WORKER_CONFIG: path,
      REPRISE_WORKER_NAME: "other",
    });
    expect(named.name).toBe("other");
  });

  test("jobs of a cluster with one file are workers of their own, unless a name is given", async () => {
    const { path } = await fileWith("name: lab\nlabels: { site: basel, rack: 7 }");
    const read = (more: Record<string, string>) =>
      readWorkerConfig({ DATABASE_URL: databaseUrl, REPRISE_WORKER_CONFIG: path, ...more });
    expect(read({})).toMatchObject({ name: "lab", labels: { site: "basel", rack: "7" } });
    expect(read({ SLURM_JOB_ID: "4711" }).name).toBe("lab-4711");
    const task = { SLURM_JOB_ID: "4711", SLURM_NTASKS: "4", SLURM_PROCID: "2" };
    expect(read(task).name).toBe("lab-4711-2");
    expect(read({ ...task, SLURM_NTASKS: "1", SLURM_PROCID: "0" }).name).toBe("lab-4711");
    expect(read({ SLURM_JOB_ID: "4711", REPRISE_WORKER_NAME: "mine" }).name).toBe("mine");
  });

  test("what is printed has no secrets", async () => {
    const { path } = await fileWith(`
trainers:
  - { name: t, command: python3, env: { HF_TOKEN: hf_secret } }
`);
    const config = readWorkerConfig({
      DATABASE_URL: databaseUrl,
      REDIS_URL: "redis://:hunter4@r:6379",
      REPRISE_WORKER_CONFIG: path,
    });
    const printed = JSON.stringify(printableConfig(config));
    expect(printed).not.toMatch(/hunter|hf_secret/);
    expect(printed).toContain("db.example.org");
    expect(printed).toContain("HF_TOKEN");
  });

  test.each([
    ["trainers:\n  - { name: Bad Name, command: x }", /trainers\[0\]\.name/],
    ["trainers:\n  - { name: t, command: x }\n  - { name: t, command: y }", /two trainers are named t/],
    ["energy: { place: Atlantis }", /Atlantis/],
    ["trainer: []", /trainer/],
    ["labels: { gpu: H100 }", /labels\.gpu|is known of every machine/],
    ["trainers: [", /worker\.yaml: /],
  ])("a mistake in the file is named: %s", async (yaml, message) => {
    const { path } = await fileWith(yaml);
    const read = () => readWorkerConfig({ DATABASE_URL: databaseUrl, REPRISE_WORKER_CONFIG: path });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
  });

  test("a missing database is named", () => {
    expect(() => readWorkerConfig({})).toThrow(/DATABASE_URL is needed/);
  });
});
