import type { BackendName, HostBackendName } from "../backends/backend-names.js";

type DeviceBackendName = Exclude<BackendName, HostBackendName>;

/** A backend with memory of its own: TensorFlow.js's own ops and gradients run there, and results are read back. */
export type Device = {
  readonly name: DeviceBackendName;
  /** What decides results on this device, for the environment: library versions, adapter. */
  readonly facts: Record<string, string | number | boolean | null>;
  /**
   * Names of the programs that ran and that add floating-point numbers in no fixed order; null where the device does not
   * tell.
   */
  readonly unorderedPrograms: () => ReadonlySet<string> | null;
};
