import { Command, CommanderError } from "commander";
import { addDevCommand } from "./commands/dev.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { addExportCommands } from "./commands/export.js";
import { addImportCommand } from "./commands/import.js";
import { addLocateCommand } from "./commands/locate.js";
import { addServiceCommands } from "./commands/services.js";
import { addStartCommand } from "./commands/start.js";
import { addSweepCommands } from "./commands/sweep.js";
import { addTrainerCommand } from "./commands/trainer.js";
import { addVerificationCommands } from "./commands/verify.js";
import { UserError } from "./user-error.js";
import { version } from "./version.js";

const program = new Command("reprise")
  .description("Would this result happen again? Reproducibility studies of deep-learning training.")
  .version(version)
  .showHelpAfterError("(--help lists what there is)")
  .exitOverride();
addStartCommand(program);
addServiceCommands(program);
addSweepCommands(program);
addVerificationCommands(program);
addLocateCommand(program);
addExportCommands(program);
addImportCommand(program);
addTrainerCommand(program);
addDoctorCommand(program);
addDevCommand(program);
for (const command of program.commands) {
  command.exitOverride();
  for (const nested of command.commands) nested.exitOverride();
}

// `pnpm start -- --port 4000` hands over the `--` itself.
const words = process.argv
  .slice(2)
  .filter((word, index, all) => word !== "--" || all.indexOf("--") !== index);

// `reprise sweep list | head -1`: a reader that has seen enough is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
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
