/** A word that a reader meets on pages, in reports or in files, and what it means here. */
export type Term = {
  term: string;
  /** How it stands in sentences, as the inside of a regular expression; null where it is an ordinary word elsewhere. */
  forms: string | null;
  meaning: string;
};

const t = (term: string, forms: string | null, meaning: string): Term => ({ term, forms, meaning });

/** The one list of words: the page Glossary, the words explained where they stand, and docs/glossary.md are made from it. */
export const glossary: readonly { subject: string; terms: readonly Term[] }[] = [
  {
    subject: "The study",
    terms: [
      t(
        "sweep",
        null,
        "One study: configurations × seeds × arms × repeats, trained by one trainer on one data set.",
      ),
      t("run", null, "One training of one configuration with one seed in one arm."),
      t("configuration", null, "The hyperparameters of a run, without its seed, arm and repeat."),
      t(
        "seed",
        null,
        "The number from which random draws are made: initial weights, order of the data, augmentation, dropout.",
      ),
      t(
        "repeat",
        null,
        "A further run of the same configuration, seed and arm. Runs of one seed resemble each other, so repeats cannot replace seeds.",
      ),
      t(
        "arm",
        "arms?",
        "One way of executing the same trainings: det, free, a placebo, or one of your own. Only execution differs between arms.",
      ),
      t(
        "det",
        null,
        "The deterministic arm: gradients are summed in a fixed order, with deterministic algorithms. Its repeats should be equal to the bit.",
      ),
      t(
        "free",
        "free executions?|free runs?|free repeats?",
        "The arm in which nothing is fixed but the seeds: gradients are reduced in the order in which they arrive, and algorithms are the backend's choice.",
      ),
      t(
        "reduction order",
        "reduction order|order of reduction|order of summation|summation order",
        "The order in which the parts of a gradient are added up. Floating-point addition is not associative, so another order gives other last bits. It is what the arm free varies.",
      ),
      t(
        "autotuning",
        "autotuning",
        "The choice of convolution algorithms that cuDNN makes by timing them on the GPU. A source of nondeterminism other than the reduction order, with a setting of its own.",
      ),
      t(
        "placebo",
        "placebo",
        "A negative control: an arm that sums in other fixed orders. No order is better, so a significant difference between it and det is a false positive.",
      ),
      t(
        "ulp",
        "ulp",
        "Unit in the last place: the distance between neighbouring floating-point numbers. An arm with perturb: ulp changes one initial weight by one ulp and nothing else. Two floats n ulp apart have n − 1 floats between them.",
      ),
      t(
        "noise source",
        "noise sources?",
        "What may vary between repeats besides execution: initial weights, order of the data, augmentation, dropout, split.",
      ),
      t(
        "default arm",
        "default arm",
        "The arm used when configurations or seeds are compared and no arm is named: the one with the most executions, counting a deterministic arm once per configuration and seed.",
      ),
      t("preset", null, "A study that comes with Reprise, ready to launch or to change."),
      t("logged", null, "Of a run: trained elsewhere and reported to the server."),
      t(
        "diverged",
        "diverged",
        "Of a run: a loss, or a norm of gradients or weights, became NaN or infinite. Such runs enter no test and no claim of equality.",
      ),
    ],
  },
  {
    subject: "Proof",
    terms: [
      t(
        "digest",
        "digests?",
        "A fingerprint of numbers, computed from all their bits. Equal digests of final weights mean that the weights are equal to the bit.",
      ),
      t(
        "equal to the bit",
        "equal to the bit|bit-identical|to the bit",
        "Every bit of every weight is the same, as shown by digests that Reprise's own code computed.",
      ),
      t(
        "equal as logged",
        "equal as logged",
        "All values that a tracker recorded are the same. Weights were not seen, so they may differ.",
      ),
      t(
        "ladder",
        "ladders?",
        "The digests of a run from top to bottom: data, order of the data, initial weights, steps, epochs, final weights, predictions. Comparing two ladders shows where two runs part.",
      ),
      t("rung", "rungs?", "One digest of a ladder."),
      t(
        "claim",
        null,
        "Something said of a run, with how it is known: requested by the specification, reported by the program, observed by Reprise's code inside the process, verified by repeating.",
      ),
      t(
        "departure",
        "departures?",
        "A setting that was observed to differ from what the arm or seed asks for. Such a run is not evidence for its arm.",
      ),
      t(
        "environment",
        null,
        "Everything recorded about hardware, libraries, code and data that can change a result.",
      ),
      t("verification", "verifications?", "Training a run again and comparing the two ladders."),
      t(
        "replay",
        "replay",
        "Training a free run again in its recorded reduction order, which should give the same bits.",
      ),
      t(
        "localization",
        "localization",
        "Two runs trained side by side with every operation traced, to find the one in which they part.",
      ),
    ],
  },
  {
    subject: "Tests",
    terms: [
      t(
        "analysis plan",
        "analysis plan",
        "Primary metric, comparisons, margins and correction, fixed and hashed before the first result. What is not in it is called exploratory.",
      ),
      t(
        "exploratory",
        "exploratory",
        "Chosen after results could be seen. Its p-values do not keep their level.",
      ),
      t(
        "margin",
        null,
        "The difference that is too small to matter, fixed in the plan. Groups are equivalent when the interval of their difference lies within it.",
      ),
      t(
        "new observation",
        "new[- ]observation",
        "A test that treats the deterministic run as one more draw and asks whether it is unusual among the repeats. It rejects in 5 % of studies where there is nothing to find.",
      ),
      t(
        "one-sample test",
        "one-sample (?:t-)?tests?",
        "The test of the papers: do the repeats have exactly the mean that the one deterministic run shows? It treats that run as a constant and rejects far too often.",
      ),
      t(
        "prediction interval",
        "prediction intervals?",
        "The interval in which one more run will lie in 95 % of cases. It is wider than a confidence interval, which is about the mean.",
      ),
      t(
        "confidence interval",
        "confidence intervals?|t intervals?|95\\s% intervals?",
        "A range computed so that it covers the true value, such as a mean, in the stated share of studies.",
      ),
      t(
        "permutation test",
        "permutation tests?|relabelings?",
        "Exchanges the labels (deterministic, free) within each seed and counts how often a difference at least as large arises. It needs no assumption about the distribution.",
      ),
      t(
        "adjusted p",
        "adjusted p(?:-values?)?",
        "A p-value corrected for the number of tests of its family.",
      ),
      t(
        "false-positive rate",
        "false-positive rates?",
        "Of a test: how often it claims a difference where there is none. Of a classifier: the share of negative cases that are called positive.",
      ),
      t("power", null, "How often a test finds a difference of a given size."),
      t(
        "pp",
        "pp|percentage points?",
        "Percentage points: the unit of a difference between two percentages. From 90 % to 92 % is 2 pp.",
      ),
      t(
        "Hedges' g",
        "Hedges' g",
        "A difference in units of the standard deviation between observations, corrected for small samples.",
      ),
      t(
        "P(A better)",
        "P\\(A better\\)",
        "How often a run of A is better than one of B, over what varied between them (Bouthillier et al. 2021).",
      ),
      t(
        "best of n",
        "best of n|optimism",
        "The best of n equally good runs lies above their mean by chance alone. The expected excess is the optimism of reporting only the best (Picard 2021).",
      ),
      t(
        "sequential study",
        "sequential stud(?:y|ies)",
        "A study that adds seeds until its question is settled, with the error controlled over all looks at the results.",
      ),
    ],
  },
  {
    subject: "Spread",
    terms: [
      t("SD", null, "Standard deviation, with n − 1 in the denominator."),
      t(
        "Delta %",
        null,
        "(Deterministic value − mean of the repeats) / that mean, in percent, as in the determinism paper.",
      ),
      t(
        "D (range)",
        null,
        "Largest minus smallest of the repeats, as in the figures of the determinism paper.",
      ),
      t(
        "typical difference",
        "typical differences?",
        "The median distance of two runs that differ only in what is named.",
      ),
      t(
        "variance components",
        "variance components",
        "The variance of single runs split into a part of the seed and a part of the execution.",
      ),
      t(
        "Kendall's W",
        "Kendall's W",
        "Agreement of rankings: 1 where all seeds rank the configurations in the same order, 0 where they do not agree at all.",
      ),
      t(
        "CKA",
        "CKA",
        "Centred kernel alignment: similarity of two representations of the same cases, 1 where they are equal up to rotation and scale.",
      ),
    ],
  },
  {
    subject: "Cases",
    terms: [
      t("flip", "flips?|flipped", "A case flips when not all of the named runs classify it identically."),
      t("churn", "churn", "The mean share of cases on which two runs disagree."),
      t("sensitivity", "sensitivity", "The share of positive cases that are found: TP / (TP + FN)."),
      t(
        "specificity",
        "specificity",
        "The share of negative cases that are called negative: TN / (TN + FP).",
      ),
      t(
        "AUC",
        "AUC",
        "Area under the ROC curve: how often a positive case has a higher score than a negative one.",
      ),
      t(
        "calibration slope",
        "calibration slopes?",
        "1 where scores are probabilities; below 1 they are too extreme, above 1 not extreme enough.",
      ),
      t(
        "net benefit",
        "net benefit",
        "True positives minus false positives weighted by the odds of the threshold, per case (Vickers and Elkin 2006).",
      ),
      t("prevalence", "prevalence", "The share of positive cases where the classifier would be used."),
      t(
        "effective number of cases",
        "effective number of cases|design effect",
        "Cases of one patient resemble each other, so they count for fewer. The design effect says by what factor.",
      ),
    ],
  },
];

/** `default-arm`: where a term stands on the page of the glossary. */
export const termAnchor = (term: string): string =>
  term
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

type Matcher = { terms: readonly Term[]; pattern: RegExp };
let matcher: Matcher | null = null;

/** Made when a text is first looked at: pages that explain nothing do not carry the list. */
function matching(): Matcher {
  if (matcher) return matcher;
  const terms = glossary.flatMap((group) => group.terms).filter(({ forms }) => forms !== null);
  const anyOf = terms.map(({ forms }) => `(${forms})`).join("|");
  matcher = { terms, pattern: new RegExp(`(?<![\\p{L}\\p{N}-])(?:${anyOf})(?![\\p{L}\\p{N}-])`, "giu") };
  return matcher;
}

/** A text in pieces, with the term that a piece names; each term once, where it first stands. */
export function termsIn(text: string): { text: string; term: Term | null }[] {
  const pieces: { text: string; term: Term | null }[] = [];
  const seen = new Set<Term>();
  const { terms, pattern } = matching();
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    const term = terms[match.slice(1).findIndex((group) => group !== undefined)];
    if (!term || seen.has(term)) continue;
    seen.add(term);
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), term: null });
    pieces.push({ text: match[0], term });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), term: null });
  return pieces;
}
