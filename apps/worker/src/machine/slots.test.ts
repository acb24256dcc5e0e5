import type { Device } from "@reprise/contracts";
import { describe, expect, test } from "vitest";
import { createSlots } from "./slots.js";

const cpu: Device = { kind: "cpu", name: "processor", index: 0 };
const gpu = (index: number): Device => ({ kind: "gpu", name: "card", index });

describe("slots", () => {
  test("one holder per device, the others wait in their order", async () => {
    const slots = createSlots([cpu]);
    const first = await slots.acquire("cpu");
    const order: string[] = [];
    const second = slots.acquire("cpu").then((slot) => {
      order.push("second");
      return slot;
    });
    const third = slots.acquire("cpu").then(() => order.push("third"));
    expect(slots.free("cpu")).toBe(0);
    first.release();
    first.release();
    (await second).release();
    await third;
    expect(order).toEqual(["second", "third"]);
    expect(slots.free("cpu")).toBe(0);
  });

  test("GPUs are handed out one by one and apart from the processor", async () => {
    const slots = createSlots([cpu, gpu(0), gpu(1)]);
    const [a, b] = await Promise.all([slots.acquire("gpu"), slots.acquire("gpu")]);
    expect([a.device.index, b.device.index].sort()).toEqual([0, 1]);
    expect(slots.free("gpu")).toBe(0);
    expect(slots.free("cpu")).toBe(1);
    b.release();
    expect((await slots.acquire("gpu")).device).toBe(b.device);
  });

  test("waiting ends with the signal, and a slot is not lost to one who gave up", async () => {
    const slots = createSlots([cpu]);
    const first = await slots.acquire("cpu");
    const controller = new AbortController();
    const waiting = slots.acquire("cpu", controller.signal);
    controller.abort("stopped");
    await expect(waiting).rejects.toBe("stopped");
    first.release();
    expect(slots.free("cpu")).toBe(1);
  });
});
