import { prepareProgram } from "@reprise/cli";

/** Names the bundled command line, for whoever starts it. */
export const programVariable = "REPRISE_TEST_PROGRAM";

/** Global set-up: tests start the command line from its bundle, as `reprise start` starts API and worker. */
export async function setup(): Promise<void> {
  process.env[programVariable] = (await prepareProgram()).main;
}
