import { describe, expect, it } from "vitest";
import { ConfigError, describeConfig, parseConfig } from "./config.js";

const database = { DATABASE_URL: "postgresql://reprise:secret@localhost/reprise" };

describe("configuration", () => {
  it("serves this machine only, without authentication, unless told otherwise", () => {
    expect(parseConfig(database)).toMatchObject({
      host: "127.0.0.1",
      authentication: { mode: "off" },
      redisUrl: null,
      allowedHosts: [],
    });
  });

  it("refuses an address that others can reach without a token, and takes it with one", () => {
    expect(() => parseConfig({ ...database, REPRISE_HOST: "0.0.0.0" })).toThrow(/Set REPRISE_TOKEN/);
    expect(() =>
      parseConfig({
        ...database,
        REPRISE_HOST: "0.0.0.0",
        REPRISE_AUTH: "off",
        REPRISE_TOKEN: "x".repeat(16),
      }),
    ).toThrow(ConfigError);
    const open = parseConfig({ ...database, REPRISE_HOST: "0.0.0.0", REPRISE_TOKEN: "x".repeat(16) });
    expect(open.authentication.mode).toBe("token");
  });

  it("names every wrong variable and treats an empty one as unset", () => {
    const wrong = { DATABASE_URL: "mysql://x", REPRISE_PORT: "http", REPRISE_TOKEN: "short" };
    const message = (() => {
      try {
        parseConfig(wrong);
      } catch (error) {
        return error instanceof ConfigError ? error.message : "";
      }
    })();
    expect(message).toMatch(/DATABASE_URL/);
    expect(message).toMatch(/REPRISE_PORT/);
    expect(message).toMatch(/REPRISE_TOKEN/);
    expect(parseConfig({ ...database, REDIS_URL: "", REPRISE_PORT: "" })).toMatchObject({
      redisUrl: null,
      port: 3000,
    });
  });

  it("shows no secret when printed", () => {
    const config = parseConfig({
      ...database,
      REDIS_URL: "redis://:hidden@localhost:6379",
      REPRISE_TOKEN: "administrator-token",
    });
    const printed = JSON.stringify(describeConfig(config));
    expect(printed).not.toMatch(/secret|hidden|administrator-token/);
    expect(printed).toContain("localhost/reprise");
  });
});
