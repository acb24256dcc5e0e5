import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";

/** Bytes of a refused file that are still taken. */
const takenBytes = 64 * 1024 * 1024;

/** Whoever has sent nothing for so long is not waited for. */
const silentMs = 5_000;

/**
 * Reads on in a body that is refused, up to a limit and as long as it comes: a connection that is closed before takes the answer with it.
 *
 * @param patienceMs without data
 */
export function passOver(body: Readable, patienceMs = silentMs): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const done = () => {
      clearTimeout(silence);
      body.off("data", count).off("end", done).off("close", done);
      resolve();
    };
    const count = (chunk: Buffer) => {
      bytes += chunk.length;
      silence.refresh();
      if (bytes > takenBytes) done();
    };
    const silence = setTimeout(done, patienceMs);
    if (body.readableEnded || body.destroyed) done();
    else body.on("data", count).once("end", done).once("close", done);
  });
}

/**
 * The chunks of a body that stays readable where whoever takes them gives up. `pipeline` destroys its source: what the client still sends
 * would then lie unread in the connection, before the next request on it.
 */
export const chunksOf = (body: Readable): AsyncIterable<Buffer> => body.iterator({ destroyOnReturn: false });

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
