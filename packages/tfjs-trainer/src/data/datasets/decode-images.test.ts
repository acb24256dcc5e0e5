import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeImageFiles, type ImageShape, resizeImages } from "./decode-images.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-decode-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function decoded(file: string, shape: ImageShape): Promise<number[]> {
  const target = new Uint8Array(new SharedArrayBuffer(shape[0] * shape[1] * shape[2]));
  await decodeImageFiles(folder, [file], { shape, place: () => target, report: () => {} });
  return [...target];
}

test("colours, grey, transparency and sixteen bits become bytes of the asked channels", async () => {
  const rgba = { r: 10, g: 200, b: 30, alpha: 0.5 };
  await sharp({ create: { width: 2, height: 2, channels: 4, background: rgba } }).toFile(
    join(folder, "rgba.png"),
  );
  const deep = new Uint16Array(4).fill(0x8040);
  await sharp(deep, { raw: { width: 2, height: 2, channels: 1 } })
    .toColourspace("grey16")
    .toFile(join(folder, "deep.png"));
  expect((await decoded("rgba.png", [2, 2, 3])).slice(0, 3)).toEqual([10, 200, 30]);
  // 0.299 · 10 + 0.587 · 200 + 0.114 · 30 = 123.8
  expect(await decoded("rgba.png", [2, 2, 1])).toEqual([124, 124, 124, 124]);
  expect(await decoded("deep.png", [2, 2, 1])).toEqual([128, 128, 128, 128]);
  expect((await decoded("deep.png", [2, 2, 3])).slice(0, 3)).toEqual([128, 128, 128]);
});

test("without resizing, bytes are those of the file; with it, files and raw images give the same ones", async () => {
  const grey = Uint8Array.from({ length: 16 }, (_, i) => i * 16);
  const rgb = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 256);
  await sharp(grey, { raw: { width: 4, height: 4, channels: 1 } }).toFile(join(folder, "grey.png"));
  await sharp(rgb, { raw: { width: 4, height: 4, channels: 3 } }).toFile(join(folder, "rgb.png"));
  expect(await decoded("grey.png", [4, 4, 1])).toEqual([...grey]);
  expect(await decoded("rgb.png", [4, 4, 3])).toEqual([...rgb]);
  for (const [file, source, channels] of [
    ["grey.png", grey, 1],
    ["rgb.png", rgb, 3],
  ] as const) {
    const target = new Uint8Array(2 * 3 * channels);
    await resizeImages(source, { from: [4, 4, channels], to: [2, 3, channels], place: () => target });
    expect([...target]).toEqual(await decoded(file, [2, 3, channels]));
  }
});
