import { metricKey, sameName } from "@reprise/contracts";

const hidden =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/gu;
/** Code points, with room for a number that tells two apart. */
const longest = 240;

function cleaned(name: string): string {
  const printed = sameName(name)
    .replaceAll(hidden, "�")
    .replaceAll(/^\p{Z}+|\p{Z}+$/gu, "");
  const cut = [...printed].slice(0, longest).join("").trimEnd();
  return metricKey.safeParse(cut).success ? cut : "unnamed metric";
}

/**
 * A name for every metric under which it can be kept: its own, but for what cannot be printed and what is too long. Two that
 * become one by that are told apart by a number.
 */
export function metricKeysOf(names: readonly string[]): Map<string, string> {
  const keys = new Map<string, string>();
  const taken = new Set<string>();
  const good = names.filter((name) => metricKey.safeParse(name).success && sameName(name) === name);
  for (const name of [...good, ...names.filter((other) => !good.includes(other))]) {
    const wanted = cleaned(name);
    let key = wanted;
    for (let number = 2; taken.has(key); number++) key = `${wanted} (${number})`;
    taken.add(key);
    keys.set(name, key);
  }
  return keys;
}
