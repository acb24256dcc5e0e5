import type { Command } from "commander";

/** A command as `reprise --help` lists it. What it takes and does is loaded when it is the one that was named. */
type NamedCommand = {
  /** Its name, and what follows it. */
  words: string;
  description: string;
  load: () => Promise<(command: Command) => void>;
};

/** All commands, in the order of the help. Loading one takes up to a second of processor time: libraries, schemas. */
export const commands: readonly NamedCommand[] = [
  {
    words: "start",
    description: "start everything on this machine: database, API, worker, dashboard",
    load: async () => (await import("./start.js")).startCommand,
  },
  {
    words: "api",
    description: "serve the REST API and the dashboard (DATABASE_URL, REDIS_URL, REPRISE_HOST, REPRISE_PORT)",
    load: async () => (await import("./services.js")).apiCommand,
  },
  {
    words: "worker",
    description:
      "take runs from the queue and train them (DATABASE_URL, REDIS_URL, REPRISE_WORKER_CONFIG, REPRISE_PYTHON)",
    load: async () => (await import("./services.js")).workerCommand,
  },
  {
    words: "sweep",
    description: "plan, run and watch studies",
    load: async () => (await import("./sweep.js")).sweepCommands,
  },
  {
    words: "verify <run>",
    description: "train a run again and compare the two to the bit",
    load: async () => (await import("./verify.js")).verificationCommand("verify"),
  },
  {
    words: "replay <run>",
    description: "train a free run again in its recorded summation order, which should repeat it to the bit",
    load: async () => (await import("./verify.js")).verificationCommand("replay"),
  },
  {
    words: "locate <run> [other]",
    description:
      "train a run and another of its configuration side by side, every operation of PyTorch traced, and say in which they part",
    load: async () => (await import("./locate.js")).locateCommand,
  },
  {
    words: "export <sweep> [analysis]",
    description: "write one analysis of a sweep, with --runs its runs, with --crate all of it",
    load: async () => (await import("./export.js")).exportCommand,
  },
  {
    words: "import <path>",
    description:
      "read runs that another program recorded (MLflow, W&B, TensorBoard and others: a folder or a file) into a study, or an archived study",
    load: async () => (await import("./import.js")).importCommand,
  },
  {
    words: "backup <file>",
    description: "write all of a server into one file: database and files of runs, while it runs",
    load: async () => (await import("./backup.js")).backupCommand,
  },
  {
    words: "restore <file>",
    description: "read a backup into an empty data directory or database, checked against what was written",
    load: async () => (await import("./backup.js")).restoreCommand,
  },
  {
    words: "retention",
    description:
      "what a server removes by itself when it has become old, and what other settings would remove now",
    load: async () => (await import("./retention.js")).retentionCommand,
  },
  {
    words: "trainer",
    description: "training programs as trainers",
    load: async () => (await import("./trainer.js")).trainerCommands,
  },
  {
    words: "doctor",
    description: "print what this machine offers: hardware, TensorFlow.js backends, services",
    load: async () => (await import("./doctor.js")).doctorCommand,
  },
  {
    words: "dev",
    description: "for work on Reprise itself: like start, and what is changed in its sources is loaded again",
    load: async () => (await import("./dev.js")).devCommand,
  },
];
