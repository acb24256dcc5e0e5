import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { UserError } from "../user-error.js";

/** Where a started Reprise answers, stored beside its data so that other commands find it. */
const endpoint = z.object({ url: z.string(), pid: z.int() });
const fileIn = (dataDirectory: string) => join(dataDirectory, "endpoint.json");

export function writeEndpoint(dataDirectory: string, url: string): void {
  writeFileSync(fileIn(dataDirectory), JSON.stringify({ url, pid: process.pid }));
}

export function removeEndpoint(dataDirectory: string): void {
  rmSync(fileIn(dataDirectory), { force: true });
}

export type ServerOptions = { server?: string; data: string };

/** The two ways to say which server a command talks to. */
export function withServer(command: Command): Command {
  return command
    .option("--server <address>", "address of the server; default: REPRISE_URL, else the one started here")
    .option("--data <folder>", "data directory of the server that was started here", "data");
}

/**
 * `--server`, else `REPRISE_URL`, else the server started on this data directory, else the default port.
 * @throws {UserError} for an address that is none.
 */
export function findEndpoint({ server, data }: ServerOptions): string {
  const named = server ?? process.env.REPRISE_URL;
  if (named) return addressOf(named);
  return startedEndpoint(data) ?? "http://127.0.0.1:3000";
}

/** Where the server on this data directory answers; null where none has said so. */
export function startedEndpoint(dataDirectory: string): string | null {
  try {
    return endpoint.parse(JSON.parse(readFileSync(fileIn(dataDirectory), "utf8"))).url;
  } catch {
    return null;
  }
}

/** `localhost:4000` means what it says; a path below the address is kept, for servers behind a proxy. */
function addressOf(named: string): string {
  const text = (/^https?:\/\//i.test(named) ? named : `http://${named}`).replace(/\/+$/, "");
  if (URL.canParse(text)) return text;
  throw new UserError(`"${named}" is not an address of a server. Write one as http://127.0.0.1:3000.`);
}
