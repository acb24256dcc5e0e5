import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { problem, problemDocument } from "./problems.js";

const reasons: Record<string, { status: number; detail: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    detail:
      "The address and the headers of the request are longer than 16 KiB together. Send what is long in a body, or ask for less at a time.",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    detail: "The request did not arrive whole in time. Send it again.",
  },
};
const unreadable = {
  status: 400,
  detail: "This is not an HTTP request: its first line, a header or its length is not as HTTP says.",
};

/** Answers what is no request that a route could be asked for, by a problem like every refusal, and ends the connection. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const { status, detail } = reasons[error.code ?? ""] ?? unreadable;
  const body = JSON.stringify(problemDocument(problem("invalid-request", detail, { status }), randomUUID()));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "content-type: application/problem+json",
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
