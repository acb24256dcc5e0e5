import { join } from "node:path";
import { didYouMean } from "@reprise/contracts";
import { userError } from "../../../program/errors.js";
import { exists } from "../files.js";
import type { Pair, PairLoader } from "./pair-loader.js";
import { type TarMember, tarMembers } from "./tar-index.js";

export type WebDataset = {
  folder: string;
  /** Names of the archives, in order. */
  shards: string[];
  /** Ending of the members that hold captions. */
  caption: "txt" | "json";
  /** Field of a JSON member. */
  captionField: string;
  /** By grouping, a regular expression on a sample's key, whose first bracket is the group. */
  groups: Record<string, RegExp>;
  incomplete: "refuse" | "leaveOut";
};

/**
 * Names that a pattern of a shell stands for, in order: `{a,b}` lists, `{000..012}` counts with as many digits as its bounds
 * have. Throws an error saying what is wrong with a pattern.
 */
export function expandBraces(pattern: string): string[] {
  const found = /\{([^{}]*)\}/.exec(pattern);
  if (!found) {
    if (/[{}]/.test(pattern)) throw new Error(`"${pattern}" has a brace without its other half.`);
    return [pattern];
  }
  const [whole, inner = ""] = found;
  const range = /^(\d+)\.\.(\d+)$/.exec(inner);
  if (!range && !inner.includes(","))
    throw new Error(`"${whole}" in "${pattern}" is neither a range like {000..012} nor a list like {a,b}.`);
  const [, from = "", to = ""] = range ?? [];
  if (range && Number(to) < Number(from)) throw new Error(`"${whole}" in "${pattern}" counts downwards.`);
  const values = range
    ? Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) =>
        String(Number(from) + i).padStart(from.length, "0"),
      )
    : inner.split(",");
  return values.flatMap((value) =>
    expandBraces(pattern.slice(0, found.index) + value + pattern.slice(found.index + whole.length)),
  );
}

const images = ["jpg", "jpeg", "png", "webp"];
/** Samples between two reports. */
const reportEvery = 10_000;

/** A member, and what it says where it holds a caption. */
type Member = TarMember & { text: string | null };

/**
 * Image-caption pairs in tar archives as WebDataset writes them: members that agree up to the first dot of their names are one
 * sample, its parts one after another. A sample needs one image and one caption; other members are passed over. Pairs are in
 * the order of the archives.
 */
export function webDataset(given: WebDataset): PairLoader {
  const { folder, shards, incomplete } = given;
  const [first = ""] = shards;
  return {
    absence: async () =>
      (await exists(join(folder, first)))
        ? null
        : `Put ${shards.length === 1 ? first : `the ${shards.length} archives ${first} … ${shards.at(-1)}`} into ${folder}.`,
    async list(report) {
      const pairs: Pair[] = [];
      const shardOf = new Map<string, string>();
      let left = 0;
      for (const shard of shards) {
        const path = join(folder, shard);
        if (!(await exists(path))) throw missing(shard);
        for await (const { key, members } of samplesOf(path, given.caption)) {
          const before = shardOf.get(key);
          if (before !== undefined) {
            throw userError(
              `${path}: sample "${key}" was in ${before === shard ? "this archive" : join(folder, before)} before.`,
              "Every sample needs a key of its own, and its members must follow each other in the archive.",
            );
          }
          shardOf.set(key, shard);
          if (shardOf.size % reportEvery === 0) report(shardOf.size, 0, "samples found");
          const pair = pairOf(given, { path, shard, key, members });
          if (pair) pairs.push(pair);
          else left += 1;
        }
      }
      return {
        folder,
        files: [...shards],
        pairs,
        publishedParts: null,
        remarks:
          left === 0 ? [] : [`${left} of ${shardOf.size} samples are left out: without image or caption.`],
        missing,
      };
    },
  };

  function missing(shard: string) {
    return userError(
      `${join(folder, shard)} is missing: the declaration names ${shards.length} archives.`,
      "Get the archive, or correct the range under shards.",
    );
  }

  /** The pair of a sample; null where it is incomplete and may be left out. */
  function pairOf(
    { caption, captionField, groups }: WebDataset,
    { path, shard, key, members }: { path: string; shard: string; key: string; members: Map<string, Member> },
  ): Pair | null {
    const incompleteSample = (reason: string) => {
      if (incomplete === "leaveOut") return null;
      throw userError(
        `${path}, sample "${key}": ${reason}.`,
        "Write the archive again, or set incomplete: leaveOut in the declaration to go without such samples.",
      );
    };
    const endings = [...members.keys()];
    const found = images.filter((ending) => members.has(ending));
    if (found.length > 1)
      throw userError(
        `${path}, sample "${key}": it has ${found.length} images (${found.join(", ")}).`,
        "A sample is one image and one caption.",
      );
    const image = members.get(found[0] ?? "");
    if (!image)
      return incompleteSample(
        `no image; it holds ${endings.join(", ")}, and images end in ${images.join(", ")}`,
      );
    const written = members.get(caption);
    if (!written) return incompleteSample(`no member "${key}.${caption}"; it holds ${endings.join(", ")}`);
    const text = written.text ?? "";
    const where = { path, member: written.path };
    const words = (caption === "json" ? fieldOf(text, captionField, where) : text).trim();
    if (words === "") return incompleteSample(`the caption in member "${written.path}" is empty`);
    const { offset, length } = image;
    const ofKey = Object.entries(groups).map(([name, expression]) => groupOf(key, name, expression, path));
    return { file: shard, span: { offset, length }, name: key, caption: words, groups: [...ofKey, key] };
  }
}

/** Members of a sample by their endings. */
async function* samplesOf(
  path: string,
  caption: string,
): AsyncGenerator<{ key: string; members: Map<string, Member> }> {
  let key: string | null = null;
  let members = new Map<string, Member>();
  for await (const member of tarMembers(path)) {
    const name = /^((?:.*\/)?[^./][^./]*)\.([^/]+)$/.exec(member.path.replace(/^\.\//, ""));
    if (!name) continue;
    const [, own = "", ending = ""] = name;
    if (key !== null && own !== key) {
      yield { key, members };
      members = new Map();
    }
    key = own;
    const lower = ending.toLowerCase();
    if (members.has(lower))
      throw userError(`${path}: member "${member.path}" is there twice.`, "Write the archive again.");
    const { offset, length } = member;
    const text = lower === caption ? (await member.read()).toString("utf8") : null;
    members.set(lower, { path: member.path, offset, length, text });
  }
  if (key !== null) yield { key, members };
}

function fieldOf(text: string, field: string, { path, member }: { path: string; member: string }): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw userError(`${path}, member "${member}" is not JSON.`, "Write the archive again.");
  }
  const fields = new Map(value !== null && typeof value === "object" ? Object.entries(value) : []);
  const caption = fields.get(field);
  if (typeof caption === "string") return caption;
  throw userError(
    `${path}, member "${member}" has no text in field "${field}".`,
    `Name the field under captionField. ${didYouMean(field, [...fields.keys()])}`,
  );
}

function groupOf(key: string, name: string, expression: RegExp, path: string): string {
  const group = expression.exec(key)?.[1] ?? "";
  if (group !== "") return group;
  throw userError(
    `${path}: the key of sample "${key}" does not give its ${name}.`,
    `Correct the regular expression under groups.${name}; its first bracket is the group.`,
  );
}
