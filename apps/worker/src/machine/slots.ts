import type { Device } from "@reprise/contracts";

/** Threads that a run computes on: a number, or as many as the processor has. */
type Threads = number | "auto";

export type Slot = {
  device: Device;
  release(): void;
  /** Resolves when it has been released. */
  readonly released: Promise<void>;
  /** Tells how much memory its processes hold. */
  holds(bytes: number): void;
};

/** One run that did not fit. */
export type Refusal = { readonly kind: Device["kind"]; readonly threads: Threads };

export type Slots = {
  count(kind: Device["kind"]): number;
  /** How many runs could begin now; none while one waits, or was refused. */
  free(kind: Device["kind"]): number;
  /**
   * A device of the kind; null where the run does not fit beside those that hold it. Nothing else begins then until it would fit,
   * or `forget` says that it needs no place here any more.
   */
  take(kind: Device["kind"], threads: Threads): Slot | null;
  /** The run that was refused and would still not fit; undefined where none was. */
  refused(kind: Device["kind"]): Refusal | undefined;
  /** Nothing where it would fit by now: another may have been refused since. */
  forget(refusal: Refusal): void;
  /**
   * Waits, first come first served, for a device of the kind. Rejects with the signal's reason when it is aborted.
   *
   * @param threads of a run on the processor; `auto` shares it with nobody
   */
  acquire(kind: Device["kind"], signal?: AbortSignal, threads?: Threads): Promise<Slot>;
};

/** What a run may need before one like it has been seen here. */
const assumedBytes = 512 * 1024 * 1024;

type Held = { device: Device; threads: Threads; bytes: number };
type Waiter = { kind: Device["kind"]; threads: Threads; give(slot: Slot): void };

/**
 * One trainer at a time per GPU, and on the processor at most `processorSlots`, as far as its threads and the memory that is free
 * suffice; one alone may always begin. Whichever queue a run came from. `onChange` is told when a kind becomes full or free again.
 *
 * @param given.available memory in bytes that new processes may use; default: what the system says
 */
export function createSlots(
  devices: readonly Device[],
  onChange: (kind: Device["kind"], free: number) => void = () => {},
  given: { processorSlots?: number; available?: () => number } = {},
): Slots {
  const { processorSlots = 1, available = () => process.availableMemory() } = given;
  const held = new Set<Held>();
  const waiting: Waiter[] = [];
  /** The first run that was refused, by kind: others would overtake it. */
  const refused = new Map<Device["kind"], Refusal>();
  /** The most that the processes of a run have held here. */
  let largest = assumedBytes;

  const placesOf = (device: Device) => (device.kind === "cpu" ? processorSlots : 1);
  const on = (device: Device) => [...held].filter((each) => each.device === device);
  const count = (kind: Device["kind"]) =>
    devices.filter((device) => device.kind === kind).reduce((sum, device) => sum + placesOf(device), 0);
  const isWanted = (kind: Device["kind"]) =>
    refused.has(kind) || waiting.some((waiter) => waiter.kind === kind);
  const free = (kind: Device["kind"]) =>
    isWanted(kind) ? 0 : count(kind) - [...held].filter(({ device }) => device.kind === kind).length;

  const threadsOf = (device: Device, threads: Threads) =>
    threads === "auto" ? (device.threads ?? Number.POSITIVE_INFINITY) : threads;
  const fits = (device: Device, threads: Threads): boolean => {
    const others = on(device);
    if (others.length === 0) return true;
    if (others.length >= placesOf(device)) return false;
    const busy = others.reduce((sum, other) => sum + threadsOf(device, other.threads), 0);
    if (busy + threadsOf(device, threads) > (device.threads ?? 1)) return false;
    // Those that have just begun will take what is free now.
    const promised = others.reduce((sum, { bytes }) => sum + Math.max(0, largest - bytes), 0);
    return available() - promised >= largest;
  };

  const take = (kind: Device["kind"], threads: Threads): Slot | null => {
    const device = devices.find((each) => each.kind === kind && fits(each, threads));
    if (!device) return null;
    const one: Held = { device, threads, bytes: 0 };
    held.add(one);
    let tell = () => {};
    const released = new Promise<void>((resolve) => {
      tell = resolve;
    });
    return {
      device,
      released,
      holds(bytes) {
        one.bytes = bytes;
        largest = Math.max(largest, bytes);
      },
      release() {
        if (!held.delete(one)) return;
        tell();
        settle(kind);
      },
    };
  };
  /** Nobody is overtaken: a run that needs the whole processor would never find it free. */
  const serve = (kind: Device["kind"]) => {
    for (;;) {
      const at = waiting.findIndex((waiter) => waiter.kind === kind);
      const waiter = waiting[at];
      const slot = waiter && take(kind, waiter.threads);
      if (!slot) return;
      waiting.splice(at, 1);
      waiter.give(slot);
    }
  };

  /** After something has changed: whoever waits comes first, then what was refused. */
  const settle = (kind: Device["kind"]) => {
    serve(kind);
    const threads = refused.get(kind)?.threads;
    const fitsNow =
      threads !== undefined &&
      !waiting.some((waiter) => waiter.kind === kind) &&
      devices.some((device) => device.kind === kind && fits(device, threads));
    if (fitsNow) refused.delete(kind);
    onChange(kind, free(kind));
  };

  return {
    count,
    free,
    take(kind, threads) {
      const slot = isWanted(kind) ? null : take(kind, threads);
      if (!slot && !refused.has(kind)) refused.set(kind, { kind, threads });
      onChange(kind, free(kind));
      return slot;
    },
    refused: (kind) => refused.get(kind),
    forget(refusal) {
      const { kind } = refusal;
      if (refused.get(kind) !== refusal) return;
      refused.delete(kind);
      onChange(kind, free(kind));
    },
    acquire(kind, signal, threads = "auto") {
      if (signal?.aborted) return Promise.reject(signal.reason);
      const slot = waiting.some((waiter) => waiter.kind === kind) ? null : take(kind, threads);
      if (slot) {
        onChange(kind, free(kind));
        return Promise.resolve(slot);
      }
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          kind,
          threads,
          give(given) {
            signal?.removeEventListener("abort", giveUp);
            resolve(given);
          },
        };
        const giveUp = () => {
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(signal?.reason);
          settle(kind);
        };
        signal?.addEventListener("abort", giveUp, { once: true });
        waiting.push(waiter);
        onChange(kind, free(kind));
      });
    },
  };
}
