import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { createLimited } from "./limited.js";

const program = `
export const wait = () => new Promise(() => {});
export const fill = () => { const all = []; for (;;) all.push(Array(1e5).fill(all.length + 0.5)); };
export const count = ({ bytes }) => ({ ok: true, value: bytes.length });
`;

it("refuses what would wait behind too many bytes, and says no more of a thread without memory than is known", async () => {
  const folder = await mkdtemp(join(tmpdir(), "limited-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "program.mjs"), program);
  const filename = pathToFileURL(join(folder, "program.mjs")).href;
  const limited = createLimited({ filename, execArgv: [] }, { megabytes: 40, bytes: 1_000 });
  const send = (name: string, length: number, left = "") =>
    limited.run(name, { bytes: new Uint8Array(length) }, { what: "The body", left });
  expect(await send("count", 5_000)).toBe(5_000);
  await expect(send("fill", 10, "It was written whole or not at all.")).rejects.toMatchObject({
    type: "payload-too-large",
    message: "The body needs more than 40 MB of memory to be read. It was written whole or not at all.",
  });
  const waiting = [send("wait", 600), send("count", 400)].map((sent) => sent.catch(() => "ended"));
  await expect(send("count", 1)).rejects.toMatchObject({
    type: "not-ready",
    headers: { "retry-after": "5" },
  });
  await limited.close();
  expect(await Promise.all(waiting)).toEqual(["ended", "ended"]);
});
