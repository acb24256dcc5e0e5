import {
  departureSentence,
  isOtherwise,
  type ObservedSetting,
  type Run,
  seenBy,
  type Verdict,
} from "@reprise/contracts";
import { counted, joinWords } from "../analyses/words.js";

/** Whether a run was seen to run otherwise than requested. */
export const hasDeparted = ({ departures }: Run) => departures > 0;

const departedSettings = (runs: readonly Run[]): ObservedSetting[] =>
  runs.flatMap(({ observed }) => observed.filter(isOtherwise));

/** Whether exactly one run was seen to depart: words about it are in the singular. */
export const isOneDeparted = (runs: readonly Run[]): boolean => runs.filter(hasDeparted).length === 1;

/** How it is known that runs did not run as requested: reported, where one of the settings is the program's word. */
export const howDeparted = (runs: readonly Run[]) => seenBy(departedSettings(runs));

/** "2 of 8 runs did not run as requested"; null where none was seen to depart. */
export function departureWords(runs: readonly Run[]): string | null {
  const departed = runs.filter(hasDeparted);
  if (departed.length === 0) return null;
  return `${departed.length} of ${counted(runs.length, "run")} did not run as requested`;
}

const nameOf = ({ arm, seed, repeat }: Run) => `${arm}, seed ${seed}, repeat ${repeat + 1}`;

/** What departed first, and in how many runs beside: one line a setting. */
function settingLines(departed: readonly Run[]): string[] {
  const lines = new Map<string, { sentence: string; run: Run; others: number }>();
  for (const run of departed)
    for (const setting of run.observed.filter(isOtherwise)) {
      const known = lines.get(setting.name);
      if (known) known.others += 1;
      else lines.set(setting.name, { sentence: departureSentence(setting), run, others: 0 });
    }
  return [...lines.values()].map(
    ({ sentence, run, others }) =>
      `${nameOf(run)}${others > 0 ? ` and ${counted(others, "more run")}` : ""}: ${sentence}`,
  );
}

/** Runs whose settings were observed, or reported, otherwise than their arm, seed or noise sources ask, by what was seen. */
export function departureVerdicts(runs: readonly Run[]): Verdict[] {
  const words = departureWords(runs);
  if (words === null) return [];
  const departed = runs.filter(hasDeparted);
  const lines = settingLines(departed);
  const names = [...new Set(departedSettings(departed).map(({ name }) => name))];
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  const arms = [...new Set(departed.map(({ arm }) => arm))];
  return [
    {
      kind: "departed",
      tone: "contradiction",
      sentence: `${words}: ${more === "" ? joinWords(names) : `${names.slice(0, 3).join(", ")}${more}`} ${names.length === 1 ? "was" : "were"} ${howDeparted(departed)} to differ from the request.`,
      basis: [
        ...lines.slice(0, 5),
        `${departed.length === 1 ? "It is" : "They are"} not evidence for ${arms.length === 1 ? "arm" : "the arms"} ${joinWords(arms)}: figures, tests and comparisons of the arms use only the other runs.`,
      ],
    },
  ];
}
