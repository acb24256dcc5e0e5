import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { createdToken, session, sweep, tokenList } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type ApiUnderTest, problemOf, smallStudy, startTestApi } from "./api-harness.js";

describe("a server for this machine only", () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await startTestApi({ allowedHosts: ["lab.example"] });
  });
  afterAll(() => api.close());
  const from = (headers: Record<string, string>) => api.call("GET", "/sweeps", { headers });

  it.each(["localhost", "localhost:3000", "127.0.0.1:3000", "[::1]:3000", "lab.example"])(
    "answers to %s",
    async (host) => expect((await from({ host })).status).toBe(200),
  );

  it.each(["evil.example", "localhost.evil.example:3000", "10.0.0.7:3000"])(
    "does not answer to %s, as after DNS rebinding",
    async (host) => {
      problemOf(await from({ host }), 403, "forbidden");
    },
  );

  it("refuses requests that pages of other sites make, for reading and for writing", async () => {
    expect((await from({ host: "localhost:3000", origin: "http://localhost:3000" })).status).toBe(200);
    expect((await from({ host: "localhost:3000", origin: "https://lab.example" })).status).toBe(200);
    for (const origin of ["https://evil.example", "null", "http://localhost:5173", "http://127.0.0.1:8888"]) {
      problemOf(await from({ origin }), 403, "forbidden");
      const writing = await api.call("POST", "/sweeps", { body: smallStudy, headers: { origin } });
      problemOf(writing, 403, "forbidden");
    }
  });

  it("takes no form posts, which browsers send across sites without asking", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
    ]) {
      const answer = await api.call("POST", "/sweeps", {
        body: JSON.stringify(smallStudy),
        headers: { "content-type": type },
      });
      problemOf(answer, 415, "unsupported");
    }
  });

  it("says that no authentication is needed", async () => {
    expect(await api.get("/session", session)).toEqual({
      authentication: "off",
      name: "local",
      role: "admin",
    });
  });
});

describe("a server with tokens", () => {
  const administrator = "administrator-token-for-tests";
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const tokens = { viewer: "", runner: "" };
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startTestApi({ authentication: { mode: "token", token: administrator } });
    for (const role of ["viewer", "runner"] as const) {
      const answer = await api.call("POST", "/tokens", {
        body: { name: `a ${role}`, role },
        headers: bearer(administrator),
      });
      expect(answer.status, answer.text).toBe(201);
      tokens[role] = createdToken.parse(answer.json).token;
    }
  });
  afterAll(() => api.close());

  const create = (headers: Record<string, string>) =>
    api.call("POST", "/sweeps", { body: smallStudy, headers });

  it("answers nothing but health without a token, and says how to send one", async () => {
    const answer = await api.call("GET", "/sweeps");
    problemOf(answer, 401, "unauthorized");
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
    problemOf(await create({}), 401, "unauthorized");
    problemOf(await api.call("GET", "/sweeps", { headers: bearer("wrong") }), 401, "unauthorized");
    problemOf(
      await api.call("GET", "/sweeps", { headers: { authorization: "Basic eDp5" } }),
      401,
      "unauthorized",
    );
    problemOf(await api.call("GET", "/api/v1/openapi.json"), 401, "unauthorized");
    expect((await api.app.inject({ url: "/healthz", headers: { host: "localhost" } })).statusCode).toBe(200);
    expect((await api.app.inject({ url: "/metrics", headers: { host: "localhost" } })).statusCode).toBe(401);
  });

  it("lets viewers read, runners create, and administrators make tokens", async () => {
    expect((await api.call("GET", "/sweeps", { headers: bearer(tokens.viewer) })).status).toBe(200);
    problemOf(await create(bearer(tokens.viewer)), 403, "forbidden");
    expect((await create(bearer(tokens.runner))).status).toBe(201);
    expect((await create(bearer(administrator))).status).toBe(201);
    const another = { body: { name: "x", role: "admin" } };
    problemOf(
      await api.call("POST", "/tokens", { ...another, headers: bearer(tokens.runner) }),
      403,
      "forbidden",
    );
    const looking = (token: string) => api.call("GET", "/maintenance/retention", { headers: bearer(token) });
    problemOf(await looking(tokens.viewer), 403, "forbidden");
    expect((await looking(administrator)).status).toBe(200);
  });

  it("lets viewers use what only computes", async () => {
    const headers = bearer(tokens.viewer);
    expect((await api.call("POST", "/sweeps/preview", { body: smallStudy, headers })).status).toBe(200);
    const test = { body: { input: { x: [1, 2, 4], mu: 1 } }, headers };
    expect((await api.call("POST", "/statistics/ttest_1samp", test)).status).toBe(200);
  });

  it("keeps the idempotency keys of different people apart", async () => {
    const key = { "idempotency-key": "same" };
    const first = await create({ ...bearer(tokens.runner), ...key });
    const second = await create({ ...bearer(administrator), ...key });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.headers.location).not.toBe(second.headers.location);
  });

  it("stops a token when it expires", async () => {
    const expiresAt = new Date(Date.now() + 300).toISOString();
    const body = { name: "short", role: "viewer", expiresAt };
    const made = await api.call("POST", "/tokens", { body, headers: bearer(administrator) });
    const { token } = createdToken.parse(made.json);
    let answer: Answer;
    do answer = await api.call("GET", "/sweeps", { headers: bearer(token) });
    while (answer.status === 200);
    problemOf(answer, 401, "unauthorized");
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
    const past = { name: "late", role: "viewer", expiresAt: "2020-01-01T00:00:00Z" };
    const refused = await api.call("POST", "/tokens", { body: past, headers: bearer(administrator) });
    problemOf(refused, 400, "invalid-request");
  });

  it("signs a browser in with a cookie that scripts cannot read, and out again", async () => {
    problemOf(await api.call("POST", "/session", { body: { token: "wrong" } }), 401, "unauthorized");
    const answer = await api.call("POST", "/session", { body: { token: tokens.viewer } });
    expect(answer.status, answer.text).toBe(201);
    expect(session.parse(answer.json)).toMatchObject({ authentication: "token", role: "viewer" });
    const cookie = String(answer.headers["set-cookie"]);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const headers = { cookie: cookie.split(";")[0] ?? "" };
    const asked = await api.call("GET", "/session", { headers });
    expect(session.parse(asked.json)).toMatchObject({ role: "viewer" });
    expect((await api.call("GET", "/sweeps", { headers })).status).toBe(200);
    problemOf(await create(headers), 403, "forbidden");
    // A browser may ask who is there without being refused; a token that was sent must be somebody's.
    expect((await api.call("GET", "/session")).status).toBe(204);
    expect((await api.call("GET", "/session", { headers: { cookie: "reprise_session=stale" } })).status).toBe(
      204,
    );
    problemOf(await api.call("GET", "/session", { headers: bearer("wrong") }), 401, "unauthorized");
    const out = await api.call("DELETE", "/session", { headers });
    expect(out.status).toBe(204);
    expect(String(out.headers["set-cookie"])).toMatch(/reprise_session=;/);
    problemOf(await api.call("GET", "/sweeps", { headers }), 401, "unauthorized");
  });

  it("gives a browser a session, not the token, which ends with the token and is no token of anybody's", async () => {
    const made = await api.call("POST", "/tokens", {
      body: { name: "for a browser", role: "runner" },
      headers: bearer(administrator),
    });
    const { id, token } = createdToken.parse(made.json);
    const headersOf = async (of: string) => {
      const answer = await api.call("POST", "/session", { body: { token: of } });
      const cookie = String(answer.headers["set-cookie"]).split(";")[0] ?? "";
      expect(cookie).not.toContain(of);
      return { cookie };
    };
    const [browser, another, admin] = [
      await headersOf(token),
      await headersOf(token),
      await headersOf(administrator),
    ];
    expect((await create(browser)).status).toBe(201);
    await api.call("DELETE", "/session", { headers: another });
    expect((await create(browser)).status).toBe(201);
    const listed = tokenList.parse((await api.call("GET", "/tokens", { headers: admin })).json);
    expect(listed.items.map(({ name }) => name).filter((name) => name.startsWith("Session"))).toEqual([]);
    expect((await api.call("DELETE", `/tokens/${id}`, { headers: admin })).status).toBe(204);
    problemOf(await create(browser), 401, "unauthorized");
  });

  describe("an event stream ends within five seconds of", () => {
    const tokenOf = async (expiresAt?: string) => {
      const body = { name: "of a stream", role: "viewer", ...(expiresAt === undefined ? {} : { expiresAt }) };
      const made = await api.call("POST", "/tokens", { body, headers: bearer(administrator) });
      expect(made.status, made.text).toBe(201);
      return createdToken.parse(made.json);
    };
    const signedIn = async (token: string) => {
      const answer = await api.call("POST", "/session", { body: { token } });
      return { cookie: String(answer.headers["set-cookie"]).split(";")[0] ?? "" };
    };
    const revoke = (id: string) => async () => {
      const answer = await api.call("DELETE", `/tokens/${id}`, { headers: bearer(administrator) });
      expect(answer.status, answer.text).toBe(204);
      return Date.now();
    };
    const expiring = async () => {
      const expiresAt = new Date(Date.now() + 3_000).toISOString();
      return { ...(await tokenOf(expiresAt)), end: async () => Date.parse(expiresAt) };
    };

    /** What opens a stream, and what ends its right: when that was, in ms since 1970. */
    type Leave = { headers: Record<string, string>; end: () => Promise<number> };
    const leaves: [string, () => Promise<Leave>][] = [
      [
        "its token's revocation",
        async () => {
          const { id, token } = await tokenOf();
          return { headers: bearer(token), end: revoke(id) };
        },
      ],
      [
        "its token's expiry",
        async () => {
          const { token, end } = await expiring();
          return { headers: bearer(token), end };
        },
      ],
      [
        "its browser's signing out",
        async () => {
          const headers = await signedIn((await tokenOf()).token);
          const end = async () => {
            expect((await api.call("DELETE", "/session", { headers })).status).toBe(204);
            return Date.now();
          };
          return { headers, end };
        },
      ],
      [
        "the revocation of the token that its browser signed in with",
        async () => {
          const { id, token } = await tokenOf();
          return { headers: await signedIn(token), end: revoke(id) };
        },
      ],
      [
        "the expiry of the token that its browser signed in with",
        async () => {
          const { token, end } = await expiring();
          return { headers: await signedIn(token), end };
        },
      ],
    ];

    it.each(leaves)("%s, and no other does", async (_, leave) => {
      const study = sweep.parse((await create(bearer(administrator))).json);
      const url = await api.app.listen({ host: "127.0.0.1", port: 0 }).catch(() => api.app.listeningOrigin);
      const open = (headers: Record<string, string>) =>
        new Promise<IncomingMessage>((resolve, reject) => {
          const accepting = { accept: "text/event-stream", ...headers };
          get(`${url}/api/v1/sweeps/${study.id}/events`, { headers: accepting, agent: false }, resolve).on(
            "error",
            reject,
          );
        });
      const { headers, end } = await leave();
      const [stream, other] = [await open(headers), await open(bearer(administrator))];
      expect([stream.statusCode, other.statusCode]).toEqual([200, 200]);
      const ended = once(stream.resume(), "end").then(() => Date.now());
      const endedAt = await end();
      const waited = (await ended) - endedAt;
      // The look that ends it may come between the answer's writing and its reading.
      expect(waited).toBeGreaterThan(-1_000);
      expect(waited).toBeLessThan(5_000);
      expect(other.readableEnded).toBe(false);
      other.destroy();
    });
  });

  it("sends messages to no machine of the private network, unless its host is named", async () => {
    const hook = (url: string) =>
      api.call("POST", "/webhooks", {
        body: { name: "x", kind: "generic", url, events: ["sweep-ended"] },
        headers: bearer(administrator),
      });
    for (const url of ["http://169.254.169.254/latest", "http://10.0.0.1/", "http://127.0.0.1:5432/"]) {
      const { errors } = problemOf(await hook(url), 400, "invalid-request");
      expect(errors).toMatchObject([
        { path: "url", message: expect.stringMatching(/REPRISE_WEBHOOK_HOSTS/) },
      ]);
    }
  });
});
