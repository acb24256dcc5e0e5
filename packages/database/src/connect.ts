import { PrismaPg } from "@prisma/adapter-pg";
import { type Prisma, PrismaClient } from "./generated/client.js";

/** A connection pool to one database. Every function of this package takes one as its first argument. */
export type Database = {
  prisma: PrismaClient;
  /** Connection string, with its password. */
  url: string;
  close(): Promise<void>;
};

/** What runs SQL: the client, or a transaction of it. */
export type Sql = Prisma.TransactionClient;

/**
 * Opens a pool; connections are made at the first query.
 *
 * @param options.maxConnections default 10
 * @param options.onError told of idle connections that broke (they are replaced by themselves)
 */
export function connectDatabase(options: {
  url: string;
  maxConnections?: number;
  onError?: (error: Error) => void;
}): Database {
  const report = options.onError ?? (() => {});
  const adapter = new PrismaPg(
    {
      connectionString: options.url,
      max: options.maxConnections ?? 10,
      connectionTimeoutMillis: 10_000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      application_name: "reprise",
    },
    { onPoolError: report, onConnectionError: report },
  );
  const prisma = new PrismaClient({ adapter });
  return { prisma, url: options.url, close: () => prisma.$disconnect() };
}

/** Whether the database answers now. */
export async function isReachable(db: Database): Promise<boolean> {
  return db.prisma.$queryRaw`SELECT 1`.then(
    () => true,
    () => false,
  );
}

/** Runs `work` in one transaction. Rows that decisions depend on are locked by the work itself. */
export function inTransaction<T>(
  db: Database,
  work: (sql: Sql) => Promise<T>,
  { timeoutMs = 120_000 }: { timeoutMs?: number } = {},
): Promise<T> {
  return db.prisma.$transaction(work, { maxWait: 20_000, timeout: timeoutMs });
}
