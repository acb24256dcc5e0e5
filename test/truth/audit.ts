import { auditReport, type ColumnRole } from "@reprise/contracts";
import type { TruthCase, TruthTools } from "./truth-case.js";

const bullet = "The audit reads tables as people write them";
const newRules = "New rules, each with its exact arithmetic";

/** What an audit of a pasted table says: what was read of it, what was not understood, what does not add up. */
async function audited({ api }: TruthTools, csv: string, columns?: Record<string, ColumnRole | object>) {
  const answer = await (await api()).call("POST", "/audits", {
    body: { tables: [{ name: "T", csv, columns }] },
  });
  if (answer.status !== 200) return answer.text;
  const { findings, readings } = auditReport.parse(answer.json);
  return [
    ...readings.flatMap(({ remarks }) => remarks),
    ...readings.flatMap(({ notUnderstood }) =>
      notUnderstood.map(({ row, column, text, reason }) => `${row}, ${column}: "${text}" ${reason}.`),
    ),
    ...(findings.length === 0 ? ["No finding."] : findings.map(({ sentence }) => sentence)),
  ].join(" ");
}

/** What the audit of a published study says in sentences that hold these words. */
async function published({ api }: TruthTools, paper: string, words: string) {
  const { findings } = await (await api()).get(`/references/${paper}/audit`, auditReport);
  return findings.flatMap(({ sentence }) => (sentence.includes(words) ? sentence : [])).join(" ");
}

const notANumber = (line: number, text: string) =>
  `line ${line}, column Acc (%): not a number, as a column of role accuracy needs (decimal point, no thousands separators) "${text}"`;
const accuracies = { Model: "identity", "Acc (%)": { role: "accuracy", unit: "percent" } } as const;

type Pasted = [
  kind: string,
  csv: string,
  before: string,
  after: string,
  columns?: Record<string, ColumnRole | object>,
];

const reading: Pasted[] = [
  [
    "±, percent sign, emphasis and stars",
    "Model,Acc (%)\nA,91.2 ± 0.3\nB,91.2 %\nC,**91.2**\nD,91.2*",
    [2, 3, 4, 5]
      .map((line, index) => notANumber(line, ["91.2 ± 0.3", "91.2 %", "**91.2**", "91.2*"][index] ?? ""))
      .join("; "),
    "Acc (%): * behind 1 number is read as a mark. Acc (%): the number behind ± is read as a standard deviation (1 cell). No finding.",
    accuracies,
  ],
  [
    "Markdown, headers as people write them",
    "| Model | Acc (%) | Sens | Spec | N |\n|---|---|---|---|---|\n| A | **95.0** | 0.80 | 0.85 | 100 |",
    'tables.0.columns.Acc (%): the CSV has no such column "Acc (%)"',
    "T, A: Acc (%) 95.0 does not follow from sensitivity 0.80 and specificity 0.85, which give between 0.80 and 0.85. T, A: no division of 100 cases into positive and negative ones gives Acc (%) 95.0 together with Sens 0.80 and Spec 0.85, unless these are averages over more than two classes.",
  ],
  [
    "LaTeX tabular",
    "\\begin{tabular}{lcc}\nModel & Acc (\\%) & $N$ \\\\ \\hline\nA & \\textbf{93.50} & 228 \\\\ % best\n\\end{tabular}",
    'tables.0.columns.Acc (%): the CSV has no such column "Acc (%)"',
    "T, A: Acc (%) 93.50 is not a share of 228 cases; the nearest are 93.421 (213 of 228) or 93.860 (214 of 228) (GRIM).",
  ],
  [
    "decimal commas and thousands",
    "Model;Acc;N\nA;91,2;1.234\nB;93,50;228",
    'line 2, column Acc: not a number, as a column of role accuracy needs (decimal point, no thousands separators) "91,2"',
    "Commas are read as decimal points. T, B: Acc 93.50 is not a share of 228 cases; the nearest are 93.421 (213 of 228) or 93.860 (214 of 228) (GRIM).",
  ],
  [
    "cells that are not understood",
    "Model,Acc (%)\nA,see text\nB,< 90\nC,90.1 (0.4)",
    `${notANumber(2, "see text")}; ${notANumber(3, "< 90")}; ${notANumber(4, "90.1 (0.4)")}`,
    'Acc (%): the number in brackets is read as a standard deviation (1 cell). line 2 (A), Acc (%): "see text" not a number. line 3 (B), Acc (%): "< 90" a bound or an approximation, not a value. No finding.',
  ],
  [
    "fractions in brackets",
    "Model\tAcc (%)\nA\t93.4 (213/228)\nB\t93.4 (212/228)",
    `${notANumber(2, "93.4 (213/228)")}; ${notANumber(3, "93.4 (212/228)")}`,
    "Acc (%): a fraction in brackets is read as cases out of all cases (2 cells). T, B: Acc (%) is printed as 93.4, but 212 of 228 cases are 92.98.",
  ],
];

const nothing = "Nothing could be checked: no two columns have roles that a rule can compare.";
const fine = "2 checks, no finding. The printed numbers fit each other; that does not make them true.";

const rules: Pasted[] = [
  [
    "GRIM for proportions",
    "Model,Acc (%)\nA,93.50\nB,93.42",
    fine,
    "T, A: Acc (%) 93.50 is not a share of 228 cases; the nearest are 93.421 (213 of 228) or 93.860 (214 of 228) (GRIM).",
    { Model: "identity", "Acc (%)": { role: "accuracy", unit: "percent", cases: 228 } },
  ],
  [
    "GRIM with unknown N",
    "Model,Acc (%)\nA,93.50\nB,93.42",
    "tables.0.columns: give at least one column a role",
    "No finding.",
  ],
  [
    "a mean row that no rows give",
    "seed,Acc (%)\n0,91.2\n1,92.2\n2,90.2\nMean ± SD,91.9 ± 1.0",
    notANumber(5, "91.9 ± 1.0"),
    "Acc (%): the number behind ± is read as a standard deviation (1 cell). T, Mean ± SD: Acc (%) is printed as 91.9, but the mean of the 3 rows above it (0 to 2) is 91.2.",
  ],
  [
    "CO2e per kWh in rows",
    "item,Experiment runs,All runs\nSUM (kWh),275.22,366.744\nCO2e (kg),105.06,141.69",
    nothing,
    "T: CO2e per kWh is 0.3863 in All runs (141.69 / 366.744) and 0.3817 in Experiment runs (105.06 / 275.22), further apart than rounding explains. One electricity grid has one carbon intensity.",
  ],
  [
    "exchanged digits of a known test set",
    'data set,Acc (%),N\nPatchCamelyon,61.75,"32,678"',
    'line 2, column N: not a number, as a column of role n needs (decimal point, no thousands separators) "32,678"',
    "T, PatchCamelyon: N is 32,678, and the data set was published with 32,768 cases; two digits are exchanged.",
  ],
];

const cuda = "cuda-randomness";
const clip = "clip-hyperparameters";
const papers: [kind: string, paper: string, words: string, after: string][] = [
  [
    "CO2e per kWh, 0.3817 against 0.3863",
    cuda,
    "CO2e per kWh",
    "Table VI (CO2e): CO2e per kWh is 0.3863 in All runs (141.69 / 366.744) and 0.3817 in Experiment runs (105.06 / 275.22), further apart than rounding explains. All energy came from one grid, with one carbon efficiency.",
  ],
  [
    "a mean over rows that no rows give",
    cuda,
    "0.1465%",
    "Table V, CIFAR-10, SGD: Avg (sig.) is printed as 0.1465%, but no 2 of the 5 absolute values in Table II (0.156, 0.158, 0.097, 0.083, 0.048) have that mean; the nearest is 0.1570.",
  ],
  [
    "largest deviation 1.68 % beside 2.022",
    cuda,
    "largest deviation is 1.68",
    "The text says (Discussion and Conclusion): Among the significant mammography configurations, all of ADAM among them, the largest deviation is 1.68 %. But in Delta % of Table II the largest absolute value of the 10 rows it speaks of is 2.022, of CBIS-DDSM, AUC, ADAM314, not 1.68.",
  ],
  [
    "66.36 to 73.45 beside R19's 51.80",
    clip,
    "66.36 % to 73.45 %",
    "The text says (Experimental Results, Table 10): In set 4 lung accuracies range from 66.36 % to 73.45 %. But in LC25000 (Lung) accuracy of Tables 7–10 the smallest value of the 6 rows it speaks of is 51.80, of R19, not 66.36.",
  ],
  [
    "peaked at 88.7 beside 91.08",
    clip,
    "peaked at 88.7",
    "The text says (Discussion, Set 2): In set 2 colon accuracy peaked at 88.7 % (R9). But in LC25000 (Colon) accuracy of Tables 7–10 the largest value of the 6 rows it speaks of is 91.08, of R10, not 88.7.",
  ],
  [
    "32,678 of 32,768 cases",
    clip,
    "32,678",
    "The text says (Downstream histopathology dataset): The test split of PatchCamelyon has 32,678 pairs. But the public test split of PatchCamelyon has 32,768 cases (a tenth of the 327,680 images that the same text counts); two digits are exchanged.",
  ],
];

const pasted = (of: string, [kind, csv, before, after, columns]: Pasted): TruthCase => ({
  ...{ bullet: of, kind, input: csv, before, after },
  observe: (tools) => audited(tools, csv, columns),
});

/** The audit reads tables as people write them, and knows more of what cannot be. */
export const cases: TruthCase[] = [
  ...reading.map((each) => pasted(bullet, each)),
  ...rules.map((each) => pasted(newRules, each)),
  ...papers.map(
    ([kind, paper, words, after]): TruthCase => ({
      ...{ bullet: newRules, kind, input: `tables and text of ${paper}`, before: "no such finding", after },
      observe: (tools) => published(tools, paper, words),
    }),
  ),
];
