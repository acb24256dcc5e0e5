export type Shutdown = {
  /** Names what has been started; the last named stops first. */
  add(stop: () => Promise<void> | void): void;
  /** Stops everything, once. */
  stop(exitCode: number): Promise<void>;
  readonly begun: boolean;
};

/** Stops what has been started on Ctrl-C, SIGTERM and when the terminal closes, and ends the process. */
export function shutdownOnSignals(parting: string): Shutdown {
  const stops: Array<() => Promise<void> | void> = [];
  let stopping: Promise<void> | undefined;
  const stop = (exitCode: number): Promise<void> => {
    stopping ??= (async () => {
      for (const end of stops.reverse()) await end();
      process.exitCode = exitCode;
    })();
    return stopping;
  };
  const interrupted = (signal: NodeJS.Signals) => {
    console.log(`\n${signal === "SIGINT" ? "Ctrl-C" : signal}: stopping. ${parting}`);
    void stop(0).then(() => process.exit());
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupted);
  return {
    add: (end) => void stops.push(end),
    stop,
    get begun() {
      return stopping !== undefined;
    },
  };
}
