import { mkdir, mkdtemp, realpath, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { guestFile } from "./guest-file.js";

async function folders() {
  const base = await realpath(await mkdtemp(join(tmpdir(), "reprise-guest-")));
  const own = join(base, "run-1");
  await mkdir(join(own, "weights"), { recursive: true });
  await mkdir(join(base, "run-10"));
  await writeFile(join(base, "secret"), "of somebody else");
  await writeFile(join(base, "run-10", "secret"), "of another run");
  await writeFile(join(own, "weights", "last.bin"), "weights");
  return { base, own };
}

test("a file of the run, named from the root or from its folder", async () => {
  const { own } = await folders();
  const file = join(own, "weights", "last.bin");
  expect(await guestFile(own, file)).toBe(file);
  expect(await guestFile(own, "weights/last.bin")).toBe(file);
  expect(await guestFile(own, `${own}/weights/../weights/last.bin`)).toBe(file);
});

test("through a folder that is itself reached by a link", async () => {
  const { base, own } = await folders();
  await symlink(own, join(base, "link"));
  expect(await guestFile(join(base, "link"), "weights/last.bin")).toBe(join(own, "weights", "last.bin"));
});

test.each<[string, (own: string) => Promise<string>, RegExp]>([
  ["of the machine", async () => "/etc/passwd", /outside the folder/],
  ["above", async (own) => join(own, "..", "secret"), /outside the folder/],
  ["of another run whose name begins alike", async (own) => `${own}0/secret`, /outside the folder/],
  [
    "behind a link",
    async (own) => {
      await symlink("/etc/passwd", join(own, "last.bin"));
      return join(own, "last.bin");
    },
    /is a link/,
  ],
  [
    "in a folder behind a link",
    async (own) => {
      await symlink("..", join(own, "up"));
      return join(own, "up", "secret");
    },
    /outside the folder/,
  ],
  ["that is a folder", async (own) => join(own, "weights"), /is not a file/],
  ["that is the folder of the run", async (own) => own, /outside the folder/],
  ["that is not there", async (own) => join(own, "nothing"), /does not exist/],
  ["in a folder that is not there", async (own) => join(own, "no", "thing"), /does not exist/],
])("nothing %s", async (_, make, reason) => {
  const { own } = await folders();
  await expect(guestFile(own, await make(own))).rejects.toThrow(reason);
});
