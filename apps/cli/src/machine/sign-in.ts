import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where the administrator's token is kept that nobody has given: readable by the account that runs the server alone. */
const tokenFile = (dataDirectory: string) => join(dataDirectory, "administrator-token");

function keptToken(file: string): string {
  try {
    const text = readFileSync(file, "utf8").trim();
    if (text !== "") return text;
  } catch {
    // The first start.
  }
  const token = `reprise_${randomBytes(32).toString("base64url")}`;
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/**
 * With `REPRISE_AUTH=token` and no `REPRISE_TOKEN`, one is made at the first start and kept with the data.
 *
 * @returns the file that holds it; null where sign-in is off, or the token was given
 */
export function prepareSignIn(dataDirectory: string, variables: NodeJS.ProcessEnv): string | null {
  if (variables.REPRISE_AUTH !== "token" || variables.REPRISE_TOKEN) return null;
  const file = tokenFile(dataDirectory);
  variables.REPRISE_TOKEN = keptToken(file);
  return file;
}

/** What the terminal says of who may sign in; nothing where the one account of this machine is alone with it. */
export function signInWords({
  tokenFile,
  isTokenGiven,
  accounts,
}: {
  tokenFile: string | null;
  isTokenGiven: boolean;
  accounts: number;
}): string | null {
  if (tokenFile !== null)
    return `with the token in ${tokenFile}; for commands and notebooks: REPRISE_TOKEN=$(cat ${tokenFile})`;
  return isTokenGiven || accounts <= 1
    ? null
    : "off: everybody with an account here can use it. REPRISE_AUTH=token turns it on";
}

const noLogin = /\/(nologin|false|sync|halt|shutdown)$/;

/** Accounts of people on this machine, by its password file; 1 where there is none to read. */
export function countAccounts(read = () => readFileSync("/etc/passwd", "utf8")): number {
  try {
    const people = read()
      .split("\n")
      .map((line) => line.split(":"))
      .filter(
        ([, , id, , , , shell = ""]) => Number(id) >= 1000 && Number(id) < 65_534 && !noLogin.test(shell),
      );
    return Math.max(1, people.length);
  } catch {
    return 1;
  }
}
