import { setTimeout as delay } from "node:timers/promises";
import { fillDisk } from "../../support/small-disk.js";
import { type Lab, type LabKind, leaseSeconds, type Part } from "./lab.js";
import type { LinkFault } from "./link.js";
import { signal } from "./parts.js";

export type Fault = {
  name: string;
  /** Where it can be done; default: everywhere. */
  labs?: readonly LabKind[];
  /** Whether the database must lie on a small disk of its own. */
  needsDisk?: boolean;
  /** Whether it may cost every run its attempt; a run has three, so that a schedule has at most two of these. */
  costs: boolean;
  /** Whether the second worker, database, queue and API go on meanwhile: then other studies must too. */
  sparesOthers?: boolean;
  /** Whether it may last until the server has ended the sessions of whoever is silent. */
  mayLast?: boolean;
  /** Does it, lets it last, and undoes it. */
  happen(lab: Lab, lastMs: number): Promise<void>;
};

/** Longer than a lease, by what recovery takes to notice. */
const pastLeaseMs = 1000 * leaseSeconds + 1500;

/** Longer than any session may be silent in mid-transaction: 20 s, that of a request. */
export const longSilenceMs = 25_000;

const kill = (part: Part, name: string, more: Partial<Fault> = {}): Fault => ({
  name: `${name} killed`,
  costs: true,
  async happen(lab) {
    // Of a server its first process, as the kernel chooses it; the others end by themselves.
    for (const pid of lab.pids(part).slice(0, 1)) signal(pid, "SIGKILL");
  },
  ...more,
});

const stop = (part: Part, name: string, more: Partial<Fault> = {}): Fault => ({
  name: `${name} stopped past the lease`,
  costs: true,
  mayLast: part === "worker" || part === "api",
  async happen(lab, lastMs) {
    const pids = lab.pids(part);
    for (const pid of pids) signal(pid, "SIGSTOP");
    await delay(Math.max(pastLeaseMs, lastMs));
    for (const pid of pids) signal(pid, "SIGCONT");
  },
  ...more,
});

const betweens = {
  client: "client and API",
  api: "API and database",
  worker: "worker and database",
} as const;

function network(link: keyof typeof betweens, how: LinkFault, after: "resumed" | "forgotten"): Fault {
  const words = {
    cut: "broken",
    slow: "late by 150 ms",
    silent: after === "resumed" ? "silent" : "silent, then forgotten",
  }[how];
  return {
    name: `network of ${betweens[link]} ${words}`,
    costs: link === "worker" && how !== "slow",
    sparesOthers: link === "worker",
    mayLast: how === "silent" && link !== "client",
    async happen(lab, lastMs) {
      lab.links[link].fail(how);
      await delay(link === "worker" && how === "silent" ? Math.max(pastLeaseMs, lastMs) : lastMs);
      lab.links[link].restore(after);
    },
  };
}

/** Writes until nothing more fits, and gives the room back after a while. */
const diskFull: Fault = {
  name: "disk of the database full",
  costs: true,
  needsDisk: true,
  async happen({ disk }, lastMs) {
    if (disk === null) throw new Error("there is no small disk to fill");
    const giveBack = fillDisk(disk);
    await delay(lastMs);
    giveBack();
  },
};

const redisOnly = { labs: ["redis"] } as const;

export const faults: readonly Fault[] = [
  kill("worker", "worker", { sparesOthers: true }),
  kill("trainer", "trainer", { sparesOthers: true }),
  kill("api", "API", { costs: false }),
  kill("postgres", "PostgreSQL"),
  kill("redis", "Redis without persistence", {
    ...{ ...redisOnly, costs: false },
    async happen({ redis }) {
      if (redis) signal(redis.pid(), "SIGKILL");
      await redis?.restart();
    },
  }),
  stop("worker", "worker", { sparesOthers: true }),
  stop("trainer", "trainer", { costs: false, sparesOthers: true }),
  stop("api", "API", { costs: false }),
  stop("postgres", "PostgreSQL"),
  stop("redis", "Redis", { ...redisOnly, costs: false }),
  {
    name: "worker told to end",
    costs: false,
    sparesOthers: true,
    async happen(lab) {
      for (const pid of lab.pids("worker")) signal(pid, "SIGTERM");
    },
  },
  { name: "everything killed at once", costs: true, happen: (lab) => lab.killTree() },
  {
    name: "PostgreSQL restarted",
    costs: false,
    async happen(lab) {
      for (const pid of lab.pids("postgres").slice(0, 1)) signal(pid, "SIGINT");
    },
  },
  network("worker", "cut", "resumed"),
  network("worker", "silent", "resumed"),
  network("worker", "silent", "forgotten"),
  network("worker", "slow", "resumed"),
  network("api", "cut", "resumed"),
  network("api", "silent", "resumed"),
  network("api", "silent", "forgotten"),
  network("api", "slow", "resumed"),
  network("client", "cut", "resumed"),
  network("client", "silent", "resumed"),
  network("client", "silent", "forgotten"),
  network("client", "slow", "resumed"),
  diskFull,
  {
    ...{ name: "Redis emptied", ...redisOnly, costs: false },
    happen: async (lab) => lab.redis?.flush(),
  },
  {
    ...{ name: "Redis restarted without persistence", ...redisOnly, costs: false },
    happen: async (lab) => lab.redis?.restart(),
  },
  ...(["worker", "api"] as const).map((part) => ({
    name: `clock of the ${part === "api" ? "API" : part} an hour ahead`,
    costs: false,
    async happen(lab: Lab, lastMs: number) {
      const pids = lab.pids(part);
      for (const pid of pids) signal(pid, "SIGUSR2");
      await delay(lastMs);
      for (const pid of pids) signal(pid, "SIGUSR2");
    },
  })),
  {
    name: "second API on the same database",
    costs: false,
    async happen(lab, lastMs) {
      const end = lab.secondApi();
      await delay(2 * lastMs);
      await end();
    },
  },
];
