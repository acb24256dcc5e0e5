import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { countAccounts, ownersIn, prepareSignIn, signInWords } from "./sign-in.js";

const folder = () => mkdtempSync(join(tmpdir(), "reprise-sign-in-"));

test("one variable turns sign-in on: a token is made once, for this account's eyes", () => {
  const data = folder();
  const first: NodeJS.ProcessEnv = { REPRISE_AUTH: "token" };
  const file = prepareSignIn(data, first) ?? "";
  expect(first.REPRISE_TOKEN).toMatch(/^reprise_[\w-]{43}$/);
  expect(readFileSync(file, "utf8").trim()).toBe(first.REPRISE_TOKEN);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const second: NodeJS.ProcessEnv = { REPRISE_AUTH: "token" };
  prepareSignIn(data, second);
  expect(second.REPRISE_TOKEN).toBe(first.REPRISE_TOKEN);
});

test("a token that was given is used, and without the variable nothing is made", () => {
  const given: NodeJS.ProcessEnv = { REPRISE_AUTH: "token", REPRISE_TOKEN: "of the administrator" };
  expect(prepareSignIn(folder(), given)).toBeNull();
  expect(given.REPRISE_TOKEN).toBe("of the administrator");
  const off: NodeJS.ProcessEnv = {};
  expect(prepareSignIn(folder(), off)).toBeNull();
  expect(off).toEqual({});
});

test("counts people, not services", () => {
  const file = [
    "root:x:0:0:root:/root:/bin/bash",
    "www-data:x:33:33::/var/www:/usr/sbin/nologin",
    "ada:x:1000:1000::/home/ada:/bin/bash",
    "bob:x:1001:1001::/home/bob:/bin/zsh",
    "service:x:1002:1002::/srv:/usr/sbin/nologin",
    "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin",
    "",
  ].join("\n");
  expect(countAccounts(file, [])).toBe(2);
  expect(countAccounts("root:x:0:0:root:/root:/bin/bash", [])).toBe(1);
  expect(countAccounts("", [])).toBe(1);
});

test("counts people whom a directory service knows, or macOS, by their home folders", () => {
  const ada = "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/bash";
  const ofDirectory = [1_000, 1_284_600_513, 1_284_600_513, 1_284_600_514];
  expect(countAccounts(ada, ofDirectory)).toBe(3);
  const shared = 0;
  const guest = 201;
  expect(countAccounts("root:*:0:0:System Administrator:/var/root:/bin/sh", [501, 502, shared, guest])).toBe(
    2,
  );
  for (const shell of ["/usr/sbin/nologin", "/bin/bash"]) {
    const git = `git:x:999:999::/home/git:${shell}`;
    expect(countAccounts(`${ada}\n${git}`, [0, 999, 1_000, 65_534])).toBe(1);
  }
});

test("looks whose folders these are, and at none that is not there", () => {
  const homes = folder();
  mkdirSync(join(homes, "ada"));
  mkdirSync(join(homes, "bob"));
  writeFileSync(join(homes, "no folder"), "");
  const mine = statSync(homes).uid;
  expect(ownersIn([homes, join(homes, "absent")])).toEqual([mine, mine]);
});

test("a machine with several users is told how to turn sign-in on, unless it is", () => {
  const words = (accounts: number, isTokenGiven = false, tokenFile: string | null = null) =>
    signInWords({ accounts, isTokenGiven, tokenFile });
  expect(words(2)).toBe("off: everybody with an account here can use it. REPRISE_AUTH=token turns it on");
  expect([words(1), words(2, true)]).toEqual([null, null]);
  expect(words(2, true, "data/token")).toMatch(
    /^with the token in data\/token; .*REPRISE_TOKEN=\$\(cat data\/token\)$/,
  );
});
