import type { Device } from "@reprise/contracts";

export type Slot = {
  device: Device;
  release(): void;
  /** Resolves when it has been released. */
  readonly released: Promise<void>;
};

export type Slots = {
  count(kind: Device["kind"]): number;
  free(kind: Device["kind"]): number;
  /**
   * Waits, first come first served, for a device of the kind. Rejects with the signal's reason when it is aborted.
   */
  acquire(kind: Device["kind"], signal?: AbortSignal): Promise<Slot>;
};

/**
 * One trainer at a time per device, whichever queue its run came from. `onChange` is told when a kind becomes full
 * or free again.
 */
export function createSlots(
  devices: readonly Device[],
  onChange: (kind: Device["kind"], free: number) => void = () => {},
): Slots {
  const idle = [...devices];
  const waiting: Array<{ kind: Device["kind"]; give(device: Device): void }> = [];
  const free = (kind: Device["kind"]) => idle.filter((device) => device.kind === kind).length;

  const slotOf = (device: Device): Slot => {
    let held = true;
    let tell = () => {};
    const released = new Promise<void>((resolve) => {
      tell = resolve;
    });
    return {
      device,
      released,
      release() {
        if (!held) return;
        held = false;
        tell();
        const next = waiting.findIndex((waiter) => waiter.kind === device.kind);
        const [waiter] = next === -1 ? [] : waiting.splice(next, 1);
        if (waiter) {
          waiter.give(device);
          return;
        }
        idle.push(device);
        onChange(device.kind, free(device.kind));
      },
    };
  };

  return {
    count: (kind) => devices.filter((device) => device.kind === kind).length,
    free,
    acquire(kind, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      const at = idle.findIndex((device) => device.kind === kind);
      const [device] = at === -1 ? [] : idle.splice(at, 1);
      if (device) {
        onChange(kind, free(kind));
        return Promise.resolve(slotOf(device));
      }
      return new Promise((resolve, reject) => {
        const waiter = {
          kind,
          give: (given: Device) => {
            signal?.removeEventListener("abort", giveUp);
            resolve(slotOf(given));
          },
        };
        const giveUp = () => {
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", giveUp, { once: true });
        waiting.push(waiter);
      });
    },
  };
}
