import { didYouMean, pageOf, type Sweep, sweep as sweepSchema } from "@reprise/contracts";
import type { z } from "zod";
import { UserError } from "../user-error.js";
import type { ApiClient } from "./api-client.js";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** All items of a listing, page by page; `path` ends where its query goes on. */
export async function everyPage<S extends z.ZodType>(
  api: ApiClient,
  path: string,
  item: S,
): Promise<z.output<S>[]> {
  const items: z.output<S>[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const at: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await api.get(`${path}limit=1000${at}`, pageOf(item));
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

/** All sweeps of the server, the latest first. */
export const listSweeps = (api: ApiClient): Promise<Sweep[]> => everyPage(api, "/sweeps?", sweepSchema);

/**
 * The id of the sweep that is meant by an id, the beginning of one, or a name.
 * @throws {UserError} when none or several are.
 */
export async function sweepIdOf(api: ApiClient, meant: string): Promise<string> {
  if (uuid.test(meant)) return meant;
  const sweeps = await listSweeps(api);
  const named = sweeps.filter(({ name }) => name === meant);
  const found = named.length > 0 ? named : sweeps.filter(({ id }) => id.startsWith(meant.toLowerCase()));
  const [only] = found;
  if (only && found.length === 1) return only.id;
  if (only) {
    const lines = found.map(({ id, name, status }) => `  ${id}  ${name} (${status})`);
    throw new UserError(
      `${found.length} sweeps are meant by "${meant}". Name one by its id:\n${lines.join("\n")}`,
    );
  }
  const names = sweeps.map(({ name }) => name);
  const hint = names.length > 0 ? didYouMean(meant, names) : "There is none yet.";
  throw new UserError(`there is no sweep "${meant}". ${hint} \`reprise sweep list\` lists them.`);
}
