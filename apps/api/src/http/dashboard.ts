import { existsSync } from "node:fs";
import { join, normalize, sep } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { nobody } from "../access/authentication.js";
import { startPageOf } from "./start-page.js";

const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  // The component library sets styles on elements.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "frame-ancestors 'none'",
  "base-uri 'self'",
  "form-action 'self'",
].join("; ");

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Reprise: dashboard not built</title>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<h1>The server runs; its dashboard has not been built</h1>
<p>Build it with <code>npx pnpm build</code>, then reload this page. <code>npx pnpm start</code> does both.</p>
<p>The API is ready: see <a href="/api/docs">its documentation</a>.</p>
</body>
</html>
`;

/** Files that carry a hash of their content in their name never change. */
const isHashed = (path: string) => path.includes(`${sep}assets${sep}`);

/**
 * Serves the built dashboard: files as they are (compressed ones where the build left them), the start page for every
 * address of the application, and a page that says what to do when there is no build.
 */
export async function registerDashboard(app: FastifyInstance, directory: string): Promise<void> {
  const startPage = startPageOf(directory);
  await app.register(fastifyStatic, {
    serve: false,
    preCompressed: true,
    index: false,
    cacheControl: false,
    setHeaders: (response, path) => {
      response.setHeader(
        "cache-control",
        isHashed(path) ? "public, max-age=31536000, immutable" : "no-cache",
      );
    },
  });

  app.get("/*", { schema: { hide: true }, config: { role: "public" } }, async (request, reply) => {
    const path = decodePath(request.url);
    if (path === null || /^\/(api|metrics|healthz|readyz)(\/|$)/.test(path)) return reply.callNotFound();
    reply.header("content-security-policy", contentSecurityPolicy);
    reply.header("referrer-policy", "same-origin");
    const page = startPage(request.url, request.principal !== nobody);
    if (page === null) {
      return reply
        .code(503)
        .type("text/html; charset=utf-8")
        .header("cache-control", "no-store")
        .send(notBuilt);
    }
    const file = path.slice(1);
    if (file !== "" && existsSync(join(directory, file)) && !file.endsWith("/") && /\.[^/]+$/.test(file)) {
      return reply.sendFile(file, directory);
    }
    // A missing file stays missing: a page in its place would be parsed as a script.
    if (path.startsWith("/assets/")) return reply.callNotFound();
    return reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page);
  });
}

/** Path of a URL, decoded and free of `..`; null when it cannot be decoded or leaves the root. */
function decodePath(url: string): string | null {
  try {
    const path = decodeURIComponent(url.split("?")[0] ?? "/");
    const clean = normalize(path).split(sep).join("/");
    return path.includes("\0") || !clean.startsWith("/") ? null : clean;
  } catch {
    return null;
  }
}
