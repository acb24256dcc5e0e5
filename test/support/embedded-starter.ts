import { startEmbeddedPostgres } from "@reprise/database";

// Starts the embedded server in a process of its own, says so, and waits: for tests that kill it.

const [dataDirectory] = process.argv.slice(2);
if (!dataDirectory) throw new Error("usage: embedded-starter <data directory>");
process.on("SIGINT", () => console.log("interrupted"));
const server = await startEmbeddedPostgres({ dataDirectory, settings: { fsync: "off" } });
await server.announce("http://127.0.0.1:4321");
console.log(JSON.stringify({ url: server.url, pid: server.pid, adopted: server.adopted }));
setInterval(() => {}, 1_000);
