import { randomBytes } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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
/** The account of nobody, also where 32 bits are meant by -2. */
const nobody = new Set([65_534, 4_294_967_294]);
/** macOS counts its people from 501, Linux from 1000; whose folders these are has no service's number. */
const firstOfFolders = 500;
const homeFolders = ["/home", "/Users"];
/** Of a whole institute's homes some are enough. */
const mostFolders = 100;

/** Who the folders in some folders belong to, without having any mounted; those that are not there, or may not be read, have none. */
export function ownersIn(folders: readonly string[] = homeFolders): number[] {
  return folders.flatMap((folder) => {
    try {
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .slice(0, mostFolders)
        .flatMap(({ name }) => lstatSync(join(folder, name), { throwIfNoEntry: false })?.uid ?? []);
    } catch {
      return [];
    }
  });
}

function passwordLines(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}

/**
 * Accounts of people on this machine, at least 1: by its password file, and by the owners of home folders, where a directory service
 * (LDAP, SSSD) or macOS keeps accounts that no file lists.
 */
export function countAccounts(passwords = passwordLines(), owners = ownersIn()): number {
  const listed = passwords
    .split("\n")
    .map((line) => line.split(":"))
    .map(([, , id, , , , shell = ""]) => ({
      id: Number(id),
      isService: !(Number(id) >= 1000) || noLogin.test(shell),
    }));
  const services = new Set(listed.filter(({ isService }) => isService).map(({ id }) => id));
  const people = new Set([
    ...listed.filter(({ isService }) => !isService).map(({ id }) => id),
    ...owners.filter((id) => id >= firstOfFolders && !services.has(id)),
  ]);
  return Math.max(1, [...people].filter((id) => !nobody.has(id)).length);
}
