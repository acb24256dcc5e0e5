import type { JsonKind } from "./check-json.js";

declare module "fastify" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface adds to the one of the library
  interface FastifyContextConfig {
    /** A body that is too long to be read here comes to the handler as a `LongBody`, unread and unjudged. */
    takesLongBody?: boolean;
  }
}

/** JSON that is too long to be read, or its value checked, where others wait: for a thread. */
export class LongBody {
  /** @param bytes the thread's from the moment on that they are handed over */
  constructor(
    readonly bytes: Uint8Array,
    readonly kind: JsonKind,
  ) {}
}

/** The body of a request, if it is still to be read. */
export const longBodyOf = ({ body }: { body: unknown }): LongBody | null =>
  body instanceof LongBody ? body : null;

/** Bytes in memory of their own, which can be handed to a thread without being copied. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}
