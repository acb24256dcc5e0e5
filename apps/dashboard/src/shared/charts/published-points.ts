/** One figure of one experiment in percent: as published (hollow) and, where there is one, as measured here (filled). */
export type PublishedPoint = {
  label: string;
  subject: string;
  published: number | null;
  measured: {
    mean: number;
    /** Ends of the 95 % interval; null where there is none. */
    low: number | null;
    high: number | null;
    /** Every run behind the mean. */
    runs: readonly number[];
  } | null;
};

/** The hues of Okabe and Ito that are not taken by arms. */
const subjectColors = ["#009E73", "#E69F00", "#56B4E9", "#B8A800"] as const;

export const subjectColor = (index: number) =>
  subjectColors[index % subjectColors.length] ?? subjectColors[0];

/** From below the smallest figure to above the largest, in tens of percent. Intervals beyond that are cut, without an end. */
export function percentDomain(
  points: readonly PublishedPoint[],
  also: Iterable<number> = [],
): [number, number] {
  const values = [
    ...points.flatMap(({ published, measured }) => [
      ...(published === null ? [] : [published]),
      ...(measured ? [measured.mean, ...measured.runs] : []),
    ]),
    ...also,
  ];
  if (values.length === 0) return [0, 100];
  const low = Math.max(0, Math.floor((Math.min(...values) - 1) / 10) * 10);
  return [low, Math.min(100, Math.max(low + 20, Math.ceil((Math.max(...values) + 1) / 10) * 10))];
}
