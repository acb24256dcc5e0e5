/** A line of what `start` and `dev` tell of themselves. */
export function say(topic: string, text: string): void {
  console.log(`  ${topic.padEnd(10)}${text}`);
}

/** How long ago that was, of `performance.now()`. */
export const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
