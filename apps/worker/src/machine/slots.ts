import { type Device, type Requirements, suits } from "@reprise/contracts";

/** Threads that a run computes on: a number, or as many as the processor has. */
type Threads = number | "auto";

/** What a run requires of its device, or what each of those require that are trained side by side. */
type Required = Requirements | readonly Requirements[];

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
  /** How many runs with these requirements there is room for at most. */
  count(kind: Device["kind"], requires?: Required): number;
  /** How many of them could begin now; none while one waits for the processor, or was refused. */
  free(kind: Device["kind"], requires?: Required): number;
  /**
   * Says what runs may come that require something. A run that several devices suit gets the one that the fewest of these need: an
   * H100 is left to those that require it while another GPU will do.
   */
  expect(needs: readonly Requirements[]): void;
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
   * Waits, first come first served, for a device of the kind that suits the requirements. Rejects with the signal's reason when it is
   * aborted.
   *
   * @param need.threads of a run on the processor; `auto` shares it with nobody
   */
  acquire(kind: Device["kind"], signal?: AbortSignal, need?: Partial<Need>): Promise<Slot>;
};

/** What a run may need before one like it has been seen here. */
const assumedBytes = 512 * 1024 * 1024;

type Need = { threads: Threads; requires: Required };
type Held = { device: Device; threads: Threads; bytes: number };
type Waiter = Need & { kind: Device["kind"]; give(slot: Slot): void };

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
  let expected: readonly Requirements[] = [];
  /** The most that the processes of a run have held here. */
  let largest = assumedBytes;

  const placesOf = (device: Device) => (device.kind === "cpu" ? processorSlots : 1);
  const on = (device: Device) => [...held].filter((each) => each.device === device);
  const suitable = (kind: Device["kind"], requires: Required) =>
    devices.filter(
      (device) => device.kind === kind && [requires].flat().every((each) => suits(device, each)),
    );
  const count = (kind: Device["kind"], requires: Required = {}) =>
    suitable(kind, requires).reduce((sum, device) => sum + placesOf(device), 0);
  /** Who waits for a GPU waits for one that is held: a free one takes nothing away. */
  const isWanted = (kind: Device["kind"]) =>
    refused.has(kind) || (kind === "cpu" && waiting.some((waiter) => waiter.kind === kind));
  const free = (kind: Device["kind"], requires: Required = {}) =>
    isWanted(kind)
      ? 0
      : suitable(kind, requires).reduce((sum, device) => sum + placesOf(device) - on(device).length, 0);

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

  const take = (kind: Device["kind"], { threads, requires }: Need): Slot | null => {
    const wanted = (device: Device) => expected.filter((each) => suits(device, each)).length;
    const [device] = suitable(kind, requires)
      .filter((each) => fits(each, threads))
      .sort((a, b) => wanted(a) - wanted(b));
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
  /** On the processor nobody is overtaken: a run that needs the whole of it would never find it free. */
  const serve = (kind: Device["kind"]) => {
    for (const waiter of waiting.filter((each) => each.kind === kind)) {
      const slot = take(kind, waiter);
      if (slot) {
        waiting.splice(waiting.indexOf(waiter), 1);
        waiter.give(slot);
      } else if (kind === "cpu") return;
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
    expect(needs) {
      expected = needs;
    },
    take(kind, threads) {
      const slot = isWanted(kind) ? null : take(kind, { threads, requires: {} });
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
    acquire(kind, signal, { threads = "auto", requires = {} } = {}) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      const mustWait = kind === "cpu" && waiting.some((waiter) => waiter.kind === kind);
      const slot = mustWait ? null : take(kind, { threads, requires });
      if (slot) {
        onChange(kind, free(kind));
        return Promise.resolve(slot);
      }
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          ...{ kind, threads, requires },
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
