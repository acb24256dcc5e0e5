import type { RunRequest, TrainerCapabilities, TrainerEvent } from "@reprise/contracts";
import { describeTrainer } from "../describe-trainer.js";
import {
  type Candidate,
  type Execution,
  endsWithItsWorker,
  execute,
  requestOf,
  stopped,
} from "./candidate.js";

/** What a check has found: that something holds, is missing, or cannot be told, each in words. */
export type Finding = { holds: boolean | null; detail: string };

/** One thing that a worker, or an analysis, relies on of a trainer. */
export type TrainerCheck = {
  title: string;
  /** Without it runs fail or their results mean nothing; else something of the evidence is missing. */
  isMandatory: boolean;
  /** What to do where it is missing. */
  wayOut: string;
  find: (examination: Examination) => Promise<Finding>;
};

const yes = (detail = ""): Finding => ({ holds: true, detail });
const no = (detail: string): Finding => ({ holds: false, detail });
const unknown = (detail: string): Finding => ({ holds: null, detail });

/** A candidate with what it has been asked for already: of what several checks look at, nothing is run twice. */
export type Examination = {
  candidate: Candidate;
  capabilities: () => Promise<TrainerCapabilities>;
  /** A short deterministic run with seed 0, the first or the second one. */
  run: (which: "first" | "second") => Promise<Execution>;
};

export function examine(candidate: Candidate): Examination {
  const once = <T>(ask: () => Promise<T>) => {
    let answer: Promise<T> | undefined;
    return () => {
      answer ??= ask();
      return answer;
    };
  };
  const run = async () => execute(candidate, await requestOf(candidate));
  const runs = { first: once(run), second: once(run) };
  return {
    candidate,
    capabilities: once(() => describeTrainer(candidate.command)),
    run: (which) => runs[which](),
  };
}

/** A check of what a run reports. */
async function ofRun(
  { run }: Examination,
  observe: (events: readonly TrainerEvent[]) => Finding | Promise<Finding>,
): Promise<Finding> {
  const { outcome, events } = await run("first");
  return outcome.status === "failed" ? no(`the run failed: ${outcome.message}`) : observe(events);
}

/** The digest that a run told at its end; throws how else it ended. */
function digestOf({ outcome }: Execution): string | null {
  if (outcome.status === "succeeded") return outcome.done.digest;
  throw new Error(outcome.status === "failed" ? outcome.message : "the run was stopped");
}

const noDigest = unknown("it tells no digest of its final weights");
const unknownName = "wieght_decay";

const freeArm = {
  mode: "nondeterministic",
  arm: { name: "free", execution: { order: "free", algorithms: "default", autotune: true, tf32: false } },
} as const satisfies Partial<RunRequest>;

/** What every trainer is held against: the built-in one, yours, and those of the tests, in this order. */
export const trainerChecks: readonly TrainerCheck[] = [
  {
    title: "describes itself",
    isMandatory: true,
    wayOut:
      "Fix what it reports. A program that knows nothing of Reprise is a command line with placeholders, one that speaks the protocol prints its capabilities with --describe.",
    async find({ candidate, capabilities }) {
      const { hyperparameters } = await capabilities();
      const lacking = Object.keys(candidate.short).filter((name) => !(name in hyperparameters));
      return lacking.length > 0
        ? no(`it does not know ${lacking.join(", ")}`)
        : yes(listed("hyperparameters", Object.keys(hyperparameters)));
    },
  },
  {
    title: "trains a run to its end",
    isMandatory: true,
    wayOut: "Mend what the message says; the run's own command line is the template with its values.",
    find: (examination) =>
      ofRun(examination, (events) => {
        const order = events.map(({ type }) => type);
        if (order[0] !== "hello") return no(`its first event is ${order[0]}, not hello`);
        return order.at(-1) === "done" ? yes() : no(`its last event is ${order.at(-1)}, not done`);
      }),
  },
  {
    title: "uses the values that were asked for",
    isMandatory: true,
    wayOut: "Take every hyperparameter from the request, and say in hello what is really used.",
    find: (examination) =>
      ofRun(examination, (events) => {
        const hello = events.find((event) => event.type === "hello");
        const missing = Object.keys(examination.candidate.short).filter(
          (name) => !(name in (hello?.effectiveParameters ?? {})),
        );
        return missing.length > 0 ? no(`hello leaves out ${missing.join(", ")}`) : yes();
      }),
  },
  {
    title: "refuses an unknown hyperparameter by name",
    isMandatory: true,
    wayOut: "Fail with an error event that names it, instead of training without it.",
    async find({ candidate }) {
      const parameters = { ...candidate.short, [unknownName]: 0.1 };
      const { outcome } = await execute(candidate, await requestOf(candidate, { parameters }));
      if (outcome.status !== "failed") return no(`it trained with ${unknownName}, which it does not have`);
      const names = outcome.kind === "user" && outcome.message.includes(unknownName);
      return names ? yes(outcome.message) : no(`it failed without naming it: ${outcome.message}`);
    },
  },
  {
    title: "repeats to the bit in a deterministic arm",
    isMandatory: true,
    wayOut:
      "Seed every source of chance from the request's seed, and use deterministic algorithms where its arm asks for them.",
    async find({ run }) {
      const first = digestOf(await run("first"));
      if (first === null) return noDigest;
      const isSame = first === digestOf(await run("second"));
      return isSame
        ? yes(`digest ${first.slice(0, 8)}, twice`)
        : no("two runs with one seed end with other weights");
    },
  },
  {
    title: "trains otherwise with another seed",
    isMandatory: false,
    wayOut: "Hand the seed to the program: {seed} in a template, seed of the request.",
    async find({ candidate, run }) {
      const first = digestOf(await run("first"));
      if (first === null) return noDigest;
      const other = digestOf(await execute(candidate, await requestOf(candidate, { seed: 1 })));
      return first === other ? no("seeds 0 and 1 end with the same weights") : yes();
    },
  },
  {
    title: "trains in the free arm",
    isMandatory: true,
    wayOut: "Accept an arm that leaves algorithms and order open, or announce only the orders that it has.",
    async find({ candidate, capabilities }) {
      const { summationOrders } = await capabilities();
      if (!summationOrders.includes("free"))
        return yes("it announces no free order, and is never asked for one");
      const { outcome } = await execute(candidate, await requestOf(candidate, freeArm));
      return outcome.status === "failed" ? no(outcome.message) : yes();
    },
  },
  {
    title: "stops when it is asked to (SIGTERM)",
    isMandatory: true,
    wayOut: "Leave SIGTERM its effect, or end within seconds when it comes.",
    async find({ candidate }) {
      const { outcome, pid } = await stopped(candidate);
      if (outcome.status === "succeeded")
        return unknown("its run was over before it could be stopped: ask for a longer one");
      if (outcome.status === "failed") return no(outcome.message);
      return isGone(pid) ? yes() : no(`process ${pid} is still there`);
    },
  },
  {
    title: "ends when its worker is gone (stdin closes)",
    isMandatory: true,
    wayOut: "Read stdin to its end on a thread, and leave when it closes.",
    async find({ candidate }) {
      const ended = await endsWithItsWorker(candidate);
      if (ended === null) return unknown("its run was over before stdin was closed: ask for a longer one");
      return ended ? yes() : no("it trained on without a worker");
    },
  },
  {
    title: "reports metrics, each step once",
    isMandatory: false,
    wayOut: "Report at least a loss: a run without metrics has nothing to compare.",
    find: (examination) =>
      ofRun(examination, async (events) => {
        const { metrics } = await examination.capabilities();
        const steps = new Map<string, number[]>();
        for (const event of events) {
          if (event.type === "metric")
            steps.set(event.key, [...(steps.get(event.key) ?? []), ...event.steps]);
        }
        if (steps.size === 0) return no("it reports none");
        const twice = [...steps].find(([, all]) => new Set(all).size !== all.length);
        if (twice) return no(`${twice[0]} has a step twice`);
        const strange = [...steps.keys()].find(
          (key) => metrics.length > 0 && !metrics.some((known) => known.key === key),
        );
        return strange
          ? no(`${strange} is not among the metrics that it announces`)
          : yes(listed("metrics", [...steps.keys()]));
      }),
  },
  {
    title: "tells a digest of its final weights",
    isMandatory: false,
    wayOut: "Without it nothing can be said of equality: report SHA-256 over all final weights.",
    find: (examination) =>
      ofRun(examination, (events) => {
        const done = events.find((event) => event.type === "done");
        const final = events.find((event) => event.type === "digest" && event.kind === "finalWeights");
        if (!done?.digest) return no("it tells none");
        const isSame = final?.type === "digest" && final.digests.at(-1) === done.digest;
        return isSame ? yes() : no("the digest of done is not the last rung of its ladder");
      }),
  },
  {
    title: "is observed from inside",
    isMandatory: false,
    wayOut:
      "Settings and seeds stay what was requested: run it as a template with `python`, where Reprise looks inside.",
    find: (examination) =>
      ofRun(examination, (events) => {
        const names = new Set(
          events.flatMap((event) =>
            event.type === "observation" && event.observer === "reprise" ? [event.name] : [],
          ),
        );
        return names.size > 0 ? yes(`${names.size} settings`) : no("no setting of its process is seen");
      }),
  },
  {
    title: "tells the predictions of held-out cases",
    isMandatory: false,
    wayOut:
      "Without them there is no agreement between repeats, case by case: report scores of the test cases.",
    find: (examination) =>
      ofRun(examination, (events) => {
        const predictions = events.filter((event) => event.type === "predictions");
        if (predictions.length === 0) return no("it tells none");
        const ids = predictions.flatMap((event) => event.ids);
        if (new Set(ids).size !== ids.length) return no("a case is reported twice");
        const widths = new Set(predictions.flatMap(({ scores }) => scores.map((row) => row.length)));
        return widths.size === 1
          ? yes(`${ids.length} cases`)
          : no("its rows of scores are of several lengths");
      }),
  },
];

/** Names, or how many there are where a line does not hold them. */
function listed(what: string, names: readonly string[]): string {
  return names.length > 8 ? `${names.length} ${what}` : names.join(", ") || `no ${what}`;
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Runs one check; what it throws is that it does not hold. */
export async function findOf(check: TrainerCheck, examination: Examination): Promise<Finding> {
  try {
    return await check.find(examination);
  } catch (error) {
    return no(error instanceof Error ? error.message : String(error));
  }
}
