import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Where a started Reprise answers, kept beside its data so that other commands find it. */
const endpoint = z.object({ url: z.string(), pid: z.int() });
const fileIn = (dataDirectory: string) => join(dataDirectory, "endpoint.json");

export function writeEndpoint(dataDirectory: string, url: string): void {
  writeFileSync(fileIn(dataDirectory), JSON.stringify({ url, pid: process.pid }));
}

export function removeEndpoint(dataDirectory: string): void {
  rmSync(fileIn(dataDirectory), { force: true });
}

/** `REPRISE_URL`, else the server started on this data directory, else the default port. */
export function findEndpoint(dataDirectory: string): string {
  const named = process.env.REPRISE_URL;
  if (named) return named.replace(/\/+$/, "");
  try {
    return endpoint.parse(JSON.parse(readFileSync(fileIn(dataDirectory), "utf8"))).url;
  } catch {
    return "http://127.0.0.1:3000";
  }
}
