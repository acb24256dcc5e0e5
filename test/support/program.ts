import { prepareProgram } from "@reprise/cli";

/** Names the bundled command line, for whoever starts it. */
export const programVariable = "REPRISE_TEST_PROGRAM";

/**
 * Global set-up: tests start the command line from its bundle, as `reprise start` starts API and worker. What an API answers is
 * checked against the contract throughout.
 */
export async function setup(): Promise<void> {
  process.env.REPRISE_CHECK_ANSWERS = "true";
  process.env[programVariable] = (await prepareProgram()).main;
}
