/** "1 run", "2 runs" */
export const counted = (count: number | bigint, singular: string): string =>
  `${count} ${singular}${Number(count) === 1 ? "" : "s"}`;
