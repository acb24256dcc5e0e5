import {
  builtInTrainer,
  type Claim,
  type ClaimSubject,
  cudaBegan,
  departureSentence,
  externalTrainer,
  type HowKnown,
  isOtherwise,
  type ObservedSetting,
  type Run,
  seenBy,
  settingWords,
  showsAlone,
  type Verification,
} from "@reprise/contracts";
import { counted, joinWords } from "../analyses/words.js";

/** What a claim of a run rests on beside the run itself. */
export type RunEvidence = {
  /** Of this run, as a source. */
  verifications: readonly Pick<Verification, "status" | "verdict">[];
};

type Known = Pick<Claim, "known" | "reason">;

/** Who computed a run: Reprise's own trainer, a program that a worker ran, or somebody elsewhere. */
function makerOf({ trainer }: Pick<Run, "trainer">): "built-in" | "program" | "outside" {
  if (trainer === builtInTrainer) return "built-in";
  return trainer === externalTrainer ? "outside" : "program";
}

/** A program has said hello, with the values that it uses. */
const saidHello = ({ effectiveParams }: Run) => effectiveParams !== null;

const asked: Record<"program" | "outside", string> = {
  program: "Requested from the training program; nothing confirms that it was applied.",
  outside: "Stated when the run was planned or announced; nothing confirms it.",
};

/** What Reprise's own trainer does by itself, and thereby sees. */
const ownCode: Partial<Record<ClaimSubject, string>> = {
  order: "Reprise's own trainer adds up the gradients, in this order.",
  algorithms: "Reprise's own trainer chooses them before the first step.",
  noise: "Reprise's own trainer makes every draw.",
  seed: "Reprise's own trainer makes every draw from it.",
  split: "Reprise's own trainer divides the data.",
  parameters: "Reprise's own trainer computes with these values.",
};

const stepWords = (from: number | null, to: number | null) => {
  if (from === null || to === null) return "";
  return from === to ? ` at step ${from}` : ` from step ${from} to step ${to}`;
};

const settingSentence = ({ name, last, count, firstStep, lastStep, observer }: ObservedSetting) =>
  `${name} was ${settingWords(last)} at ${counted(count, observer === "reprise" ? "observation" : "report")}${stepWords(firstStep, lastStep)}`;

/** What was seen of a subject inside the process, or told of it; null where nothing was that says something about it. */
function seenOf(run: Run, subject: ClaimSubject): (Known & { departs: boolean }) | null {
  const { observed } = run;
  const about = observed.filter((setting) => setting.subject === subject && setting.requested !== null);
  const departed = observed.filter((setting) => setting.subject === subject && isOtherwise(setting));
  if (departed.length > 0)
    return { known: seenBy(departed), reason: departed.map(departureSentence).join(" "), departs: true };
  if (!about.some(showsAlone)) return null;
  const unused = neverInEffect(run, subject);
  if (unused !== null) {
    const reason = `${joinWords(about.map(settingSentence))}. It was not observed in effect: the process never began to use CUDA.`;
    return { known: "requested", reason, departs: false };
  }
  return { known: seenBy(about), reason: `${joinWords(about.map(settingSentence))}.`, departs: false };
}

/** What is seen in effect on CUDA only, in words. */
const ofCuda: Partial<Record<ClaimSubject, string>> = { autotune: "autotuning", tf32: "TF32" };

/**
 * Words for a setting that was asked for and never observed in effect, because the process was seen not to use CUDA; null where it
 * was in effect, or nobody looked. Nothing is said of processors: the precision of matrix products may steer their libraries too.
 */
export function neverInEffect({ observed }: Run, subject: ClaimSubject): string | null {
  const looks = observed.filter(({ name }) => name === cudaBegan);
  const used = looks.some(({ first, last, observer }) => first || last || observer !== "reprise");
  return looks.length === 0 || used ? null : (ofCuda[subject] ?? null);
}

function settingKnown(run: Run, subject: ClaimSubject): Known {
  const maker = makerOf(run);
  if (maker !== "built-in") return { known: "requested", reason: asked[maker] };
  const reason = ownCode[subject];
  if (!saidHello(run) && run.status !== "succeeded")
    return { known: "requested", reason: "The run has not begun." };
  return reason === undefined
    ? {
        known: "requested",
        reason: "Set by environment variables before the process starts; not observed inside it.",
      }
    : { known: "observed", reason };
}

function seedKnown(run: Run): Known {
  if (makerOf(run) !== "program" || run.effectiveParams?.seed === undefined) return settingKnown(run, "seed");
  return {
    known: "reported",
    reason: `The program reports seed ${settingWords(String(run.effectiveParams.seed))} among the values it uses.`,
  };
}

function parametersKnown(run: Run): Known {
  const maker = makerOf(run);
  if (maker === "built-in") return settingKnown(run, "parameters");
  if (saidHello(run))
    return {
      known: "reported",
      reason: "The program names the values that it uses; their use was not observed.",
    };
  return maker === "outside"
    ? { known: "reported", reason: "Announced by the program that logged the run, or taken from its plan." }
    : { known: "requested", reason: asked.program };
}

function environmentKnown(run: Run): Known {
  if (run.environmentId === null) return { known: null, reason: "No environment is recorded." };
  const reasons: Record<ReturnType<typeof makerOf>, Known> = {
    "built-in": {
      known: "observed",
      reason: "Read by the worker and, inside the process, by Reprise's own trainer.",
    },
    program: {
      known: "reported",
      reason:
        "The worker read machine and variables from outside the process; the libraries loaded in it are as the program reports them.",
    },
    outside: { known: "reported", reason: "Reported by the program that logged the run." },
  };
  return reasons[makerOf(run)];
}

/** Whether the whole of the run was repeated; it says nothing of single settings, which were not told apart. */
function repetitionClaims(run: Run, { verifications }: RunEvidence): Claim[] {
  const ended = verifications.filter(({ status }) => status === "ended");
  if (ended.length === 0) return [];
  const same = ended.filter(({ verdict }) => verdict === "bit-identical").length;
  const value = `${same} of ${counted(ended.length, "repetition")} bit-identical`;
  const known: HowKnown = makerOf(run) === "built-in" ? "verified" : "reported";
  const digests =
    known === "verified"
      ? ""
      : " The program computed the digests, so their equality is reported, not observed.";
  const reason =
    same > 0
      ? `Trained again as a whole with the same request.${digests} This shows that the run repeats as a whole, not which settings make it repeat.`
      : "Trained again as a whole with the same request.";
  return [{ subject: "repetition", value, known, reason, departs: false }];
}

function noiseWords({ noise }: Run): string {
  const varied = Object.entries(noise).flatMap(([source, state]) => (state === "varied" ? [source] : []));
  return varied.length === 0
    ? "all drawn from the seed"
    : `${joinWords(varied)} varied, the rest from the seed`;
}

/**
 * How everything that is said of a run is known. Strongest is what Reprise's own trainer did, and what its code observed inside
 * somebody else's; a setting that only the specification names stays requested, however the run ended.
 */
export function runClaims(run: Run, evidence: RunEvidence): Claim[] {
  const { execution, seed } = run;
  const known: [ClaimSubject, string, Known][] = [
    ["order", execution.order, settingKnown(run, "order")],
    ["algorithms", execution.algorithms, settingKnown(run, "algorithms")],
    // Reprise's own trainer has kernels of its own, to which neither applies.
    ...(makerOf(run) === "built-in" && !run.backendUsed?.startsWith("node")
      ? []
      : ([
          ["autotune", execution.autotune ? "on" : "off", settingKnown(run, "autotune")],
          ["tf32", execution.tf32 ? "allowed" : "off", settingKnown(run, "tf32")],
        ] satisfies [ClaimSubject, string, Known][])),
    ["noise", noiseWords(run), settingKnown(run, "noise")],
    ["seed", String(seed), seedKnown(run)],
    ["split", run.dataset, settingKnown(run, "split")],
    [
      "parameters",
      counted(Object.keys(run.effectiveParams ?? run.params).length, "value"),
      parametersKnown(run),
    ],
    ["environment", run.environmentId?.slice(0, 12) ?? "none", environmentKnown(run)],
  ];
  return [
    ...known.map(([subject, value, how]) => ({
      subject,
      value,
      departs: false,
      ...how,
      ...seenOf(run, subject),
    })),
    ...repetitionClaims(run, evidence),
  ];
}
