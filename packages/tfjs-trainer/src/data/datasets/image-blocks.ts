/**
 * Images as bytes in memory that all threads see, in blocks of whole images: one array of Node 20 ends at 4 GiB, and in later
 * versions a longer one loses its length on the way to a thread.
 */
export type ImageBlocks = {
  /** Bytes of one image: height × width × channels. */
  imageBytes: number;
  imagesPerBlock: number;
  blocks: Uint8Array[];
};

const maxBlockBytes = 2 ** 30;

/** Zeroed place for `count` images. Blocks are as large as allowed (1 GiB unless given) but for the last. */
export function allocateImages(count: number, imageBytes: number, blockBytes = maxBlockBytes): ImageBlocks {
  const imagesPerBlock = Math.max(1, Math.floor(blockBytes / imageBytes));
  const blocks: Uint8Array[] = [];
  for (let from = 0; from < count; from += imagesPerBlock) {
    const images = Math.min(imagesPerBlock, count - from);
    blocks.push(new Uint8Array(new SharedArrayBuffer(images * imageBytes)));
  }
  return { imageBytes, imagesPerBlock, blocks };
}

/** The bytes of one image, to read or to write. */
export function imageAt({ imageBytes, imagesPerBlock, blocks }: ImageBlocks, id: number): Uint8Array {
  const block = blocks[Math.floor(id / imagesPerBlock)] as Uint8Array;
  const start = (id % imagesPerBlock) * imageBytes;
  return block.subarray(start, start + imageBytes);
}

/** All bytes in order, in stretches of at most so many. */
export function* stretchesOf({ blocks }: ImageBlocks, length: number): Generator<Uint8Array> {
  for (const block of blocks)
    for (let at = 0; at < block.length; at += length) yield block.subarray(at, at + length);
}

export const bytesOf = ({ blocks }: ImageBlocks) => blocks.reduce((sum, { length }) => sum + length, 0);
