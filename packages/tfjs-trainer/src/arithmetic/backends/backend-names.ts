/** Backends in the order in which `auto` prefers them. */
export const backendNames = ["node-gpu", "webgpu", "node", "wasm", "cpu"] as const;
export type BackendName = (typeof backendNames)[number];

/** Backends whose tensors lie in this process's memory: shards are spread over threads, and arrive in some order. */
export const hostBackends = ["wasm", "cpu"] as const;
export type HostBackendName = (typeof hostBackends)[number];

export const isHostBackend = (name: string): name is HostBackendName =>
  hostBackends.some((host) => host === name);
