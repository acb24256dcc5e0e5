import { migrate } from "@reprise/database";

// Migrates a database in a process of its own, and prints what it has applied.

const [url] = process.argv.slice(2);
if (!url) throw new Error("usage: migrator <url>");
console.log(JSON.stringify(await migrate(url)));
