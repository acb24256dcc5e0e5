/** A function of whole numbers that computes every answer once: powers of noncentral t are slow, and tables ask again and again. */
export function remember(compute: (...key: number[]) => number): (...key: number[]) => number {
  const answers = new Map<string, number>();
  return (...key) => {
    const name = key.join(" ");
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = compute(...key);
    answers.set(name, answer);
    return answer;
  };
}
