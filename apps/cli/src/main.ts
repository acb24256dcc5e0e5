import { Command, CommanderError } from "commander";
import { commands } from "./commands/all.js";
import { UserError } from "./user-error.js";
import { version } from "./version.js";

const program = new Command("reprise")
  .description("Would this result happen again? Reproducibility studies of deep-learning training.")
  .version(version)
  .showHelpAfterError("(--help lists what there is)")
  .exitOverride();

// `pnpm start -- --port 4000` hands over the `--` itself.
const words = process.argv
  .slice(2)
  .filter((word, index, all) => word !== "--" || all.indexOf("--") !== index);

// `reprise help export` names a command as `reprise export --help` does.
const named = words[0] === "help" ? words[1] : words[0];
for (const { words: usage, description, load } of commands) {
  const command = program.command(usage).description(description);
  if (command.name() === named) (await load())(command);
  command.exitOverride();
  for (const nested of command.commands) nested.exitOverride();
}

/** What they print is beside the point: a full disk behind it costs lines, and not the server. */
const servers = ["start", "dev", "api", "worker"];
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // `reprise sweep list | head -1`: a reader that has seen enough is no failure.
    if (error.code === "EPIPE" && stream === process.stdout) process.exit(0);
    if (!["ENOSPC", "EDQUOT"].includes(error.code ?? "") || !servers.includes(named ?? "")) throw error;
  });

try {
  await program.parseAsync(words, { from: "user" });
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof UserError) {
    console.error(error.message);
    process.exitCode = 2;
  } else {
    console.error(error instanceof Error ? (process.env.DEBUG ? error.stack : error.message) : error);
    process.exitCode = 1;
  }
}
