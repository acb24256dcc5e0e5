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

  test("a run gets a GPU that it may be trained on, and holds up nobody who may use another", async () => {
    const h100 = { ...gpu(0), name: "NVIDIA H100" };
    const slots = createSlots([gpu(1), h100]);
    const requires = { gpu: "H100" };
    expect([slots.count("gpu"), slots.count("gpu", requires)]).toEqual([2, 1]);
    const first = await slots.acquire("gpu", undefined, { requires });
    expect(first.device).toBe(h100);
    const second = slots.acquire("gpu", undefined, { requires });
    expect([slots.free("gpu"), slots.free("gpu", requires)]).toEqual([1, 0]);
    const any = await slots.acquire("gpu");
    const next = slots.acquire("gpu");
    any.release();
    expect((await next).device).toBe(any.device);
    first.release();
    expect((await second).device).toBe(h100);
  });

  test("a run that may use any GPU leaves those that others require as long as it can", async () => {
    const h100 = { ...gpu(0), name: "NVIDIA H100", memoryBytes: 80e9 };
    const rtx = { ...gpu(1), name: "NVIDIA GeForce RTX 3090", memoryBytes: 24e9 };
    const slots = createSlots([h100, rtx]);
    slots.expect([{ gpu: "H100" }, { gpuMemory: "20 GB" }]);
    const first = await slots.acquire("gpu");
    expect(first.device).toBe(rtx);
    expect((await slots.acquire("gpu")).device).toBe(h100);
    first.release();
    // Of two runs side by side, both have to be suited.
    const pair: Record<string, string>[] = [{ gpu: "RTX 3090" }, { gpuMemory: "80 GB" }];
    expect([slots.count("gpu", pair), slots.free("gpu", pair.slice(0, 1))]).toEqual([0, 1]);
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

  describe("several on one processor", () => {
    const two: Device = { kind: "cpu", name: "processor", index: 0, threads: 2 };
    const gib = 2 ** 30;
    const isTaken = async (slot: Promise<unknown>) =>
      Promise.race([slot.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))]);

    test("as many as there are slots, as far as threads suffice; all of them for a run that names none", async () => {
      const slots = createSlots([two], undefined, { processorSlots: 3, available: () => 64 * gib });
      expect(slots.count("cpu")).toBe(3);
      const first = await slots.acquire("cpu", undefined, { threads: 1 });
      const second = await slots.acquire("cpu", undefined, { threads: 1 });
      const third = slots.acquire("cpu", undefined, { threads: 1 });
      expect(await isTaken(third)).toBe(false);
      first.release();
      const whole = slots.acquire("cpu");
      const after = slots.acquire("cpu", undefined, { threads: 1 });
      second.release();
      // It fits beside the third, but somebody waits who came before.
      expect([await isTaken(whole), await isTaken(after), slots.free("cpu")]).toEqual([false, false, 0]);
      (await third).release();
      expect([await isTaken(whole), await isTaken(after)]).toEqual([true, false]);
      (await whole).release();
      expect(await isTaken(after)).toBe(true);
    });

    test("one slot is one run, whatever it asks for, and one alone begins with any number of threads", async () => {
      const slots = createSlots([two]);
      const first = await slots.acquire("cpu", undefined, { threads: 16 });
      const second = slots.acquire("cpu", undefined, { threads: 1 });
      expect(await isTaken(second)).toBe(false);
      first.release();
      expect(await isTaken(second)).toBe(true);
    });

    test("what does not fit is refused, and nobody overtakes it until it would fit or is gone", async () => {
      const told: number[] = [];
      const slots = createSlots([two], (_kind, free) => told.push(free), {
        processorSlots: 3,
        available: () => 64 * gib,
      });
      const first = slots.take("cpu", 1);
      const second = slots.take("cpu", 1);
      expect([slots.refused("cpu") !== undefined, slots.free("cpu")]).toEqual([false, 1]);
      expect(slots.take("cpu", "auto")).toBeNull();
      expect([slots.refused("cpu") !== undefined, slots.free("cpu")]).toEqual([true, 0]);
      first?.release();
      expect(slots.take("cpu", 1)).toBeNull();
      second?.release();
      expect([slots.refused("cpu") !== undefined, slots.free("cpu"), told.at(-1)]).toEqual([false, 3, 3]);
      const third = slots.take("cpu", 1);
      expect(slots.take("cpu", "auto")).toBeNull();
      const stale = slots.refused("cpu");
      if (stale) slots.forget(stale);
      expect([slots.refused("cpu") !== undefined, told.at(-1)]).toEqual([false, 2]);
      expect(slots.take("cpu", 1)).not.toBeNull();
      third?.release();
    });

    test("a refusal that is over is not taken for the one after it", () => {
      const slots = createSlots([two], undefined, { processorSlots: 2, available: () => 64 * gib });
      const first = slots.take("cpu", 1);
      expect(slots.take("cpu", "auto")).toBeNull();
      const before = slots.refused("cpu");
      first?.release();
      slots.take("cpu", 1);
      expect(slots.take("cpu", "auto")).toBeNull();
      if (before) slots.forget(before);
      expect(slots.refused("cpu")).toBeDefined();
      expect(slots.refused("cpu")).not.toBe(before);
    });

    test("a second one waits for memory, of which what others are still to take is kept free", async () => {
      let available = 3 * gib;
      const slots = createSlots([two], undefined, { processorSlots: 2, available: () => available });
      const seen = await slots.acquire("cpu", undefined, { threads: 1 });
      seen.holds(2 * gib);
      seen.release();
      const first = await slots.acquire("cpu", undefined, { threads: 1 });
      const second = slots.acquire("cpu", undefined, { threads: 1 });
      expect(await isTaken(second)).toBe(false);
      first.release();
      (await second).holds(2 * gib);
      available = 2 * gib;
      expect(await isTaken(slots.acquire("cpu", undefined, { threads: 1 }))).toBe(true);
    });

    test("one that gives up lets those behind it go on", async () => {
      const slots = createSlots([two], undefined, { processorSlots: 2, available: () => 64 * gib });
      await slots.acquire("cpu", undefined, { threads: 1 });
      const controller = new AbortController();
      const whole = slots.acquire("cpu", controller.signal);
      const small = slots.acquire("cpu", undefined, { threads: 1 });
      expect(await isTaken(small)).toBe(false);
      controller.abort("cancelled");
      await expect(whole).rejects.toBe("cancelled");
      expect(await isTaken(small)).toBe(true);
    });
  });
});
