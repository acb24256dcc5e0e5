import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";

/** Bytes of a refused file that are still taken. */
const takenBytes = 64 * 1024 * 1024;

/** Reads on in a body that is refused, up to a limit: a connection that is closed before takes the answer with it. */
export function passOver(body: Readable): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const done = () => {
      body.off("data", count).off("end", done).off("close", done);
      resolve();
    };
    const count = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > takenBytes) done();
    };
    if (body.readableEnded || body.destroyed) resolve();
    else body.on("data", count).once("end", done).once("close", done);
  });
}

/**
 * Does `work` with a request whose body is a stream; where it is refused, reads on before the refusal goes out, up to a limit: many
 * clients read the answer only when all is sent.
 */
export async function answeringRefusals<T>({ body }: FastifyRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (body instanceof Readable) await passOver(body);
    throw error;
  }
}
