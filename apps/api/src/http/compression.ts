import compress from "@fastify/compress";
import type { FastifyInstance } from "fastify";

/** Texts. Files of runs, pictures and archives are as small as they get; an event stream must not wait for more. */
const compressed = /^text\/(?!event-stream)|[/+](json|xml|x-tex|javascript)(;|$)/;

/** Answers shorter than this fit into one packet as they are. */
const fitsOnePacket = 1400;

/** Sends texts in the encoding that the client takes; bodies of requests are not unpacked, they have their limit as sent. */
export async function registerCompression(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    globalDecompression: false,
    encodings: ["br", "gzip"],
    customTypes: compressed,
    threshold: fitsOnePacket,
  });
}
