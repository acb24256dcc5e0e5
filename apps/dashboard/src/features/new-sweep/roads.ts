import { armsOf, type Detectable, furtherSeeds, searchedParameters } from "@reprise/contracts";
import type { Announced, Draft } from "./draft.js";
import { editSpec } from "./yaml-spec.js";

type Contrast = "mode" | "configuration";

/** A question that a study may be made for, and the design that answers it. */
export type Road = {
  question: string;
  /** What is trained, and what will be known then. */
  answer: string;
  repeats: { deterministic: number; nondeterministic: number };
  seeds: number;
  contrasts: readonly Contrast[];
  /** Of what the plan can find, the part that answers the question. */
  finds: Detectable["contrast"];
};

/**
 * Two fixed-order repeats show whether bits repeat. The new-observation test of ten free repeats finds shifts of some three of
 * their SDs, of five four. Configurations are compared within seeds, so that a further seed tells more than a further repeat.
 * A variance needs several seeds, and several repeats of each.
 */
export const roads: readonly Road[] = [
  {
    question: "Is my result repeatable?",
    answer:
      "Two seeds, each trained twice in fixed and ten times in free order: whether runs are bit-identical, and how far apart they lie if not.",
    repeats: { deterministic: 2, nondeterministic: 10 },
    seeds: 2,
    contrasts: ["mode"],
    finds: "mode",
  },
  {
    question: "Which configuration is better?",
    answer: "Every configuration with the same ten seeds, compared seed by seed.",
    repeats: { deterministic: 1, nondeterministic: 0 },
    seeds: 10,
    contrasts: ["configuration"],
    finds: "configuration",
  },
  {
    question: "What moves the metric?",
    answer:
      "Five seeds, each trained once in fixed and three times in free order: how much of the spread comes from configurations, from seeds and from execution.",
    repeats: { deterministic: 1, nondeterministic: 3 },
    seeds: 5,
    contrasts: ["mode", "configuration"],
    finds: "seed",
  },
];

const modesOf = ({ repeats: { deterministic, nondeterministic } }: Road) => ({
  deterministic: { repeats: deterministic },
  ...(nondeterministic > 0 ? { nondeterministic: { repeats: nondeterministic } } : {}),
});

const fallbackMetric = ({ metrics }: Announced) =>
  metrics.find(({ split }) => split === "test")?.key ?? "testAccuracy";

/** The document with arms, seeds and plan of a road; its seeds begin with those that it had. */
export function alongRoad(text: string, road: Road, draft: Draft, announced: Announced): string {
  const kept = draft.seeds.slice(0, road.seeds);
  const seeds = [...kept, ...furtherSeeds(kept, road.seeds - kept.length)];
  const metric = draft.analysisPlan?.primaryMetric ?? fallbackMetric(announced);
  const edits: [string[], unknown][] = [
    [["arms"], undefined],
    [["modes"], modesOf(road)],
    [["seeds"], seeds],
    [["analysisPlan", "primaryMetric"], metric],
    [["analysisPlan", "contrasts"], [...road.contrasts]],
  ];
  return edits.reduce((latest, [path, value]) => editSpec(latest, path, value), text);
}

/** Whether the document has the design of a road. */
export function isOnRoad(road: Road, draft: Draft): boolean {
  const repeats = Object.fromEntries(armsOf(draft).map((arm) => [arm.name, arm.repeats]));
  const { deterministic, nondeterministic } = road.repeats;
  const plan = draft.analysisPlan?.contrasts.toSorted().join();
  return (
    draft.seeds.length === road.seeds &&
    plan === road.contrasts.toSorted().join() &&
    (repeats.det ?? 0) === deterministic &&
    (repeats.free ?? 0) === nondeterministic &&
    Object.keys(repeats).every((name) => name === "det" || name === "free")
  );
}

/** Whether there is more than one configuration to compare. */
export function comparesConfigurations({ search }: Draft): boolean {
  if (search.method === "list") return search.configurations.length > 1;
  if (search.method === "external") return true;
  return Object.values(searchedParameters(search)).some(
    (values) => !Array.isArray(values) || values.length > 1,
  );
}
