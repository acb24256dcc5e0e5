import { once } from "node:events";
import { connect, createServer } from "node:net";

/** An address of a database, with another port of this machine in place of its own. */
export function through(url: string, port: number): string {
  const there = new URL(url);
  there.hostname = "127.0.0.1";
  there.port = String(port);
  return there.toString();
}

export const portOf = (url: string): number => Number(new URL(url).port || 5432);

/** A way to a database on which is read what connections ask for when they begin. */
export async function openReadingLink(url: string) {
  /** Settings of the session that was begun last, by the name of its program. */
  const told = new Map<string, Record<string, string>>();
  const server = createServer((inward) => {
    const outward = connect(portOf(url), "127.0.0.1");
    inward.once("data", (first: Buffer) => {
      const words = first.subarray(8).toString().split("\0");
      const of = (name: string) => (words.includes(name) ? (words[words.indexOf(name) + 1] ?? "") : "");
      const settings = [...of("options").matchAll(/-c ([a-z_]+)=(\S+)/g)];
      told.set(
        of("application_name"),
        Object.fromEntries(settings.map(([, name = "", value = ""]) => [name, value])),
      );
    });
    inward.on("error", () => outward.destroy());
    outward.on("error", () => inward.destroy());
    inward.pipe(outward);
    outward.pipe(inward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the link has no port");
  return { told, url: through(url, address.port), close: () => server.close() };
}
