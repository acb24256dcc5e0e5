import { randomUUID } from "node:crypto";
import type { PrismaPg } from "@prisma/adapter-pg";
import type { SqlDriverAdapter, SqlQuery, SqlQueryable, Transaction } from "@prisma/driver-adapter-utils";

// The client hands every parameter to its query compiler and back as JSON: of a report of ten thousand points that took longer than
// PostgreSQL took to store it. What is large goes past it: the statement names it, and where statements leave for the server the
// name is exchanged for what it stands for.

const parcels = new Map<string, Uint8Array>();
let number = 0;
/** Nobody's own text is taken for a name. */
const prefix = `large parameter ${randomUUID()}`;

/**
 * Runs `work` with names for large parameters of its statements, which are good until it ends.
 *
 * @param work gets a function from bytes to what stands for them in a statement
 */
export async function withLarge<T>(work: (large: (bytes: Uint8Array) => string) => Promise<T>): Promise<T> {
  const names: string[] = [];
  try {
    return await work((bytes) => {
      number += 1;
      const name = `${prefix} ${number}`;
      parcels.set(name, bytes);
      names.push(name);
      return name;
    });
  } finally {
    for (const name of names) parcels.delete(name);
  }
}

const filled = (query: SqlQuery): SqlQuery => ({
  ...query,
  args: query.args.map((value) => (typeof value === "string" ? (parcels.get(value) ?? value) : value)),
});

function filling<Q extends SqlQueryable>(queryable: Q): Q {
  const { queryRaw, executeRaw } = queryable;
  queryable.queryRaw = (query) => queryRaw.call(queryable, filled(query));
  queryable.executeRaw = (query) => executeRaw.call(queryable, filled(query));
  return queryable;
}

/** The adapter, with what is named by `withLarge` in its place. */
export function fillingLarge(factory: PrismaPg): PrismaPg {
  const { connect } = factory;
  const fillingAdapter = <A extends SqlDriverAdapter>(adapter: A): A => {
    const { startTransaction } = adapter;
    adapter.startTransaction = async (level): Promise<Transaction> =>
      filling(await startTransaction.call(adapter, level));
    return filling(adapter);
  };
  factory.connect = async () => fillingAdapter(await connect.call(factory));
  return factory;
}
