import { LeaseLostError } from "@reprise/database";
import { expect, test } from "vitest";
import { keepLease } from "./lease.js";

function lease(beats: Array<() => { cancelRequested: boolean }>) {
  const told: string[] = [];
  const kept = keepLease({
    beat: async () => (beats.shift() ?? (() => ({ cancelRequested: false })))(),
    everyMs: 5,
    onCancel: () => told.push("cancel"),
    onLost: () => told.push("lost"),
    onSilence: () => told.push("silence"),
  });
  return { kept, told, left: () => beats.length };
}
const fine = () => ({ cancelRequested: false });
const silent = () => {
  throw new Error("ECONNREFUSED");
};

test("silence of the database is told once per outage and loses no lease", async () => {
  const { kept, told, left } = lease([fine, silent, silent, silent, fine, silent, fine]);
  await expect.poll(left).toBe(0);
  await kept.stop();
  expect(told).toEqual(["silence", "silence"]);
});

test("a request to cancel and the loss of the lease are passed on", async () => {
  const { kept, told, left } = lease([
    () => ({ cancelRequested: true }),
    () => {
      throw new LeaseLostError("run");
    },
    fine,
  ]);
  await expect.poll(() => told).toEqual(["cancel", "lost"]);
  expect(left()).toBe(1);
  await kept.stop();
});
