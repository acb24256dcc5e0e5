import type { Client } from "../client.js";
import type { Lab } from "../lab.js";
import type { Recorded } from "./recorded.js";

/** What a schedule finds wrong, in a sentence. */
export type Violation = string;

/** Runs that nothing disturbed, made when the lab was new. */
export type Reference = { runIds: readonly string[]; bySeed: ReadonlyMap<number, Recorded> };

export type WorkSetting = {
  lab: Lab;
  client: Client;
  /** With what the names of all that a schedule makes begin. */
  name: string;
  /** Of `Date.now()`: what is not acknowledged by then never will be. */
  deadline: number;
  reference: Reference;
};

/** Work that goes on while faults happen. */
export type Work = {
  /** Studies that must end, known from the start or found on the way. */
  sweepIds(): readonly string[];
  /** Resolves when the clients of this work were told that all they asked for is done. */
  done: Promise<void>;
  /** After everything has ended: what of the acknowledged is missing, doubled or otherwise. */
  check(): Promise<Violation[]>;
};
