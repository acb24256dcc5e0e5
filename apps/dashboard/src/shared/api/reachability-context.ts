import { createContext, useContext, useSyncExternalStore } from "react";
import { createReachability, type Reachability, type ReachabilityStore } from "./reachability.js";

export const ReachabilityContext = createContext<ReachabilityStore>(createReachability());

/** Whether the server answered last time, and when. */
export function useReachability(): Reachability {
  const store = useContext(ReachabilityContext);
  return useSyncExternalStore(store.subscribe, store.get);
}
