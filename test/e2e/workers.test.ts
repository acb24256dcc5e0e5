import { randomUUID } from "node:crypto";
import { connectDatabase, registerWorker, runningEmbeddedPostgres, touchWorker } from "@reprise/database";
import { describe, expect, it, onTestFinished } from "vitest";
import { useE2e } from "../support/e2e.js";
import { expectSoundEverywhere } from "../support/sound-page.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";

const gibibyte = 2 ** 30;

describe("the machines that train", () => {
  const e2e = useE2e();

  it("say when their disk is nearly full and when it is full, and nothing when there is room or they are gone", async () => {
    const data = dataFolder();
    onTestFinished(data.remove);
    const server = await startReprise(["--data", data.path]);
    onTestFinished(async () => void (await server.stop()));
    const url = await runningEmbeddedPostgres(data.path);
    if (url === null) throw new Error("the server's database does not run");
    const db = connectDatabase({ url, maxConnections: 1 });
    onTestFinished(() => db.close());

    // A machine of the lab's, which nobody but this test lets report.
    const id = randomUUID();
    await registerWorker(db, {
      ...{ id, name: "attic", host: "attic.lab", pid: 1, capabilities: [], leftOut: [] },
      devices: [{ kind: "cpu", name: "test", index: 0 }],
    });
    const report = async (diskFreeBytes: number, seenAt: number) => {
      await touchWorker(db, id, {
        ...{ at: new Date().toISOString(), processors: 4, hostCpuPercent: 10, loadAverage1m: 0.5, gpus: [] },
        ...{ hostAvailableMemoryBytes: 8 * gibibyte, hostMemoryBytes: 16 * gibibyte, diskFreeBytes },
      });
      await db.prisma.worker.update({ where: { id }, data: { lastSeenAt: new Date(seenAt) } });
    };
    const anHour = 3_600_000;

    await report(1.5 * gibibyte, Date.now() + anHour);
    const page = await e2e.open("about:blank", { reducedMotion: "reduce" });
    await page.goto(`${server.url}/workers`);
    const room = page.getByRole("list", { name: "Room on attic" });
    await room.getByText("The disk of attic.lab is nearly full: 1.5 GiB free.", { exact: true }).waitFor();
    await expectSoundEverywhere(page);

    await report(12 * 2 ** 20, Date.now() + anHour);
    await room
      .getByText(/^The disk of attic\.lab is full \(12 MiB free\)\. Make room on it: everything goes on/)
      .waitFor();

    await report(100 * gibibyte, Date.now() + anHour);
    await room.waitFor({ state: "detached" });
    await page.getByText(/100(\.0)? GiB of disk free/).waitFor();

    await report(12 * 2 ** 20, Date.now() - anHour);
    await page.getByText("1 worker gone in the last day").click();
    await page.getByRole("list", { name: "Workers that are gone" }).getByText("attic").first().waitFor();
    expect(await room.count()).toBe(0);
  });
});
