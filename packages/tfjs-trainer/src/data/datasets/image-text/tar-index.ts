import { type FileHandle, open } from "node:fs/promises";
import { Header } from "tar/header";
import { Pax } from "tar/pax";
import { userError } from "../../../program/errors.js";

const block = 512;

/** A file within a tar archive, and where its bytes lie. */
export type TarMember = {
  path: string;
  offset: number;
  length: number;
};

/** Member types that are files; of others the contents are passed over. */
const files = new Set(["File", "OldFile", "ContiguousFile"]);

/**
 * The files of an uncompressed tar archive in their order, found by reading headers only. Long names of GNU and POSIX
 * (pax) archives are understood. Throws a user error naming the archive, the place and the last member read for one that is cut off
 * or damaged.
 */
export async function* tarMembers(path: string): AsyncGenerator<TarMember & { read(): Promise<Buffer> }> {
  const archive = await open(path, "r");
  try {
    const { size } = await archive.stat();
    const damaged = (reason: string, after: string) =>
      userError(
        `${path} is damaged: ${reason}${after === "" ? "" : `, after member "${after}"`}.`,
        "Get the archive again; it must be an uncompressed tar.",
      );
    let last = "";
    let extended: Pax | undefined;
    let global: Pax | undefined;
    let longName: string | undefined;
    for (let at = 0; ; ) {
      if (at + block > size) throw damaged(`it ends at byte ${size} without the end mark of a tar`, last);
      const header = new Header(await bytesAt(archive, at, block), 0, extended, global);
      if (header.nullBlock) return;
      if (!header.cksumValid) throw damaged(`the header at byte ${at} is not one of a tar`, last);
      const length = header.size ?? 0;
      const offset = at + block;
      const name = longName ?? header.path ?? "";
      if (offset + length > size)
        throw damaged(
          `it is cut off at byte ${size} within member "${name}", which ends at byte ${offset + length}`,
          last,
        );
      const read = () => bytesAt(archive, offset, length);
      if (header.type === "ExtendedHeader") extended = Pax.parse((await read()).toString("utf8"), extended);
      else if (header.type === "GlobalExtendedHeader")
        global = Pax.parse((await read()).toString("utf8"), global, true);
      else if (header.type === "NextFileHasLongPath" || header.type === "OldGnuLongPath")
        longName = (await read()).toString("utf8").replace(/\0.*$/s, "");
      else {
        if (files.has(header.type)) yield { path: name, offset, length, read };
        last = name;
        extended = undefined;
        longName = undefined;
      }
      at = offset + Math.ceil(length / block) * block;
    }
  } finally {
    await archive.close();
  }
}

async function bytesAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, offset);
  return bytes;
}
