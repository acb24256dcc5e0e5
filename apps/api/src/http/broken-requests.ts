import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { problem, problemDocument } from "./problems.js";

const reasons: Record<string, { status: number; line: string; detail: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    line: "Request Header Fields Too Large",
    detail:
      "The address and the headers of the request are longer than 16 KiB together. Send what is long in a body, or ask for less at a time.",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    line: "Request Timeout",
    detail: "The request did not arrive whole in time. Send it again.",
  },
};
const unreadable = {
  status: 400,
  line: "Bad Request",
  detail: "This is not an HTTP request: its first line, a header or its length is not as HTTP says.",
};

/** Answers what is no request that a route could be asked for, by a problem like every refusal, and ends the connection. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const { status, line, detail } = reasons[error.code ?? ""] ?? unreadable;
  const refused = problem("invalid-request", detail, { status });
  const body = JSON.stringify(problemDocument(refused, randomUUID()));
  const headers = [
    `HTTP/1.1 ${status} ${line}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "content-type: application/problem+json",
    "connection: close",
  ];
  socket.end(`${headers.join("\r\n")}\r\n\r\n${body}`);
}
