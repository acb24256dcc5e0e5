/** Whether the server answered last time, and when it last did. */
export type Reachability = { reachable: boolean; lastAnswerAt: number | null };

/** A small observable for the whole application; made once by the providers and handed down. */
export function createReachability() {
  let state: Reachability = { reachable: true, lastAnswerAt: null };
  const listeners = new Set<() => void>();
  const set = (next: Reachability) => {
    const changed = next.reachable !== state.reachable;
    state = next;
    if (changed) for (const listener of listeners) listener();
  };
  return {
    get: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    answered: () => {
      if (state.reachable) state.lastAnswerAt = Date.now();
      else set({ reachable: true, lastAnswerAt: Date.now() });
    },
    lost: () => set({ ...state, reachable: false }),
  };
}
export type ReachabilityStore = ReturnType<typeof createReachability>;
