import { describe, expect, it } from "vitest";
import { hostName, isAllowedHost } from "./hosts.js";

describe("hosts that are answered", () => {
  const local = { host: "127.0.0.1", allowedHosts: ["lab.example"] };
  const network = { host: "0.0.0.0", allowedHosts: [] };

  it.each([
    ["localhost:3000", local, true],
    ["127.0.0.1", local, true],
    ["[::1]:3000", local, true],
    ["http://localhost:5173", local, true],
    ["LAB.example:80", local, true],
    ["evil.example", local, false],
    ["localhost.evil.example", local, false],
    ["10.0.0.7:3000", local, false],
    ["10.0.0.7:3000", network, true],
    ["evil.example", network, false],
    ["null", local, false],
    ["", local, false],
  ])("%s under %j: %s", (value, config, allowed) => {
    expect(isAllowedHost(hostName(value), config)).toBe(allowed);
  });
});
