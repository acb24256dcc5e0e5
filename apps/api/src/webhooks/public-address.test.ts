import { describe, expect, it } from "vitest";
import { type AddressPolicy, checkedLookup, isRefusedAddress, refusedUrl } from "./public-address.js";

const signedIn = { allowedHosts: ["10.1.2.3", "chat.lab"], loopback: false };
const alone = { allowedHosts: [], loopback: true };

describe("addresses of webhooks", () => {
  it.each([
    ["93.184.215.14", false],
    ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", false],
    ["10.0.0.1", true],
    ["100.64.0.1", true],
    ["127.0.0.1", true],
    ["169.254.169.254", true],
    ["172.16.0.1", true],
    ["172.32.0.1", false],
    ["192.168.1.1", true],
    ["224.0.0.1", true],
    ["255.255.255.255", true],
    ["0.0.0.0", true],
    ["::1", true],
    ["::", true],
    ["fd00::1", true],
    ["fe80::1", true],
    ["fec0::1", true],
    ["::ffff:10.0.0.1", true],
    ["::ffff:a00:1", true],
    ["::a00:1", true],
    ["64:ff9b:1::a00:1", true],
    ["2001:0:a00:1::", true],
    ["2002:a00:1::", true],
    ["2001:4860:4860::8888", false],
    ["::ffff:93.184.215.14", false],
  ])("%s is refused: %s", (address, refused) => {
    expect(isRefusedAddress(address, signedIn)).toBe(refused);
  });

  it.each([
    ["http://10.1.2.3/hook", signedIn, null],
    ["http://10.1.2.4/hook", signedIn, /REPRISE_WEBHOOK_HOSTS=10\.1\.2\.4/],
    ["http://169.254.169.254/latest/meta-data", alone, /private network/],
    ["http://[fe80::1]/", alone, /private network/],
    ["http://2130706433/", signedIn, /127\.0\.0\.1/],
    ["http://localhost:9/", signedIn, /localhost/],
    ["http://localhost:9/", alone, null],
    ["http://127.0.0.1:9/", alone, null],
    ["https://hooks.example.com/x", signedIn, null],
  ])("%s under %j", (url, policy, refusal) => {
    const said = refusedUrl(url, policy);
    if (refusal === null) expect(said).toBeNull();
    else expect(said).toMatch(refusal);
  });

  it("asks again where a name leads when it connects", async () => {
    const look = (name: string, policy: AddressPolicy) =>
      new Promise((resolve) => {
        checkedLookup(policy)(name, { all: true }, (error, addresses) => resolve(error ?? addresses));
      });
    expect(await look("localhost", { ...alone, loopback: false })).toBeInstanceOf(Error);
    expect(await look("localhost", alone)).toContainEqual(expect.objectContaining({ address: "127.0.0.1" }));
    expect(await look("localhost", { allowedHosts: ["localhost"], loopback: false })).toContainEqual(
      expect.objectContaining({ address: "127.0.0.1" }),
    );
  });
});
