import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect as connectSocket } from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { mcpHttpSchema } from "../../core/mcp-settings.ts";
import { callFacts } from "../testing/connect.ts";
import { fakeParts } from "../testing/fake-parts.ts";
import { serveMcpHttp } from "./serve-http.ts";
import { hashOf, newToken } from "./tokens.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const item of open.splice(0)) await item.close();
});

async function serve(settings: Record<string, unknown> = {}, parts = fakeParts()) {
  const server = await serveMcpHttp(parts, mcpHttpSchema.parse({ port: 0, ...settings }));
  open.push(server);
  return server.url;
}

async function clientOf(url: string, token?: string): Promise<Client> {
  const client = new Client(
    { name: "test", version: "0" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  await client.connect(transport);
  open.push(client);
  return client;
}

const list = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };

/** A 2025 request by hand, since clients would not send what these tests send. */
function post(url: string, headers: Record<string, string> = {}, body: unknown = list) {
  return fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** `fetch` does not let a caller choose the Host header. */
function statusWithHost(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: "POST", headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", reject);
    request.end("{}");
  });
}

describe("MCP over HTTP on loopback", () => {
  it("serves both eras without configuration", async () => {
    const url = await serve();
    const client = await clientOf(url);
    expect((await callFacts(client, "find_changes")).kind).toBe("empty");
    const response = await post(url);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("start_investigation");
  });

  it("refuses names and origins of others, which is how web pages reach into a machine", async () => {
    const url = await serve();
    expect(await statusWithHost(url, "evil.example")).toBe(403);
    expect((await post(url, { origin: "https://evil.example" })).status).toBe(403);
    expect((await post(url, { origin: "null" })).status).toBe(403);
    expect((await post(url, { origin: "http://localhost:6274" })).status).toBe(200);
  });

  it("answers an allowed origin with CORS, and only that one", async () => {
    const url = await serve({ allowedOrigins: ["ops.example"] });
    const allowed = await post(url, { origin: "https://ops.example" });
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://ops.example");
    const asked = (origin: string) => fetch(url, { method: "OPTIONS", headers: { origin } });
    expect((await asked("https://ops.example")).status).toBe(204);
    expect((await asked("https://evil.example")).status).toBe(403);
  });

  it("will not listen to the network without knowing its callers", async () => {
    await expect(serve({ host: "0.0.0.0" })).rejects.toThrow("mcp.http.tokens");
  });

  it("slows down a caller that asks too often, and says for how long", async () => {
    const url = await serve({ rateBurst: 5, ratePerSecond: 1 });
    const statuses = await Promise.all(Array.from({ length: 8 }, async () => post(url)));
    expect(statuses.map((r) => r.status).sort()).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    const slow = statuses.find((response) => response.status === 429);
    expect(slow?.headers.get("retry-after")).toBe("1");
  });
});

describe("bearer tokens", () => {
  const ann = newToken({ next: (prefix) => `${prefix}_000000000${"a1b2c3d4e5".repeat(2)}` });
  const tokens = [{ name: "ann", scopes: ["read"], hash: ann.hash }];

  it("are kept as a hash, and the hash is no token", async () => {
    expect(JSON.stringify(tokens)).not.toContain(ann.token);
    expect(hashOf(ann.token)).toBe(ann.hash);
    const url = await serve({ tokens });
    expect((await post(url)).status).toBe(401);
    expect((await post(url, { authorization: `Bearer ${ann.hash}` })).status).toBe(401);
    expect((await post(url, { authorization: `Bearer ${ann.token}x` })).status).toBe(401);
    expect((await post(url, { authorization: `Bearer ${ann.token}` })).status).toBe(200);
  });

  it("allow what their scopes say", async () => {
    const client = await clientOf(await serve({ tokens }), ann.token);
    expect((await callFacts(client, "find_changes")).kind).toBe("empty");
    const facts = await callFacts(client, "start_investigation", { question: "slow" });
    expect(facts.reason).toBe("denied");
  });

  it("end when they expire", async () => {
    const expired = [{ ...tokens[0], expires: "2020-01-01T00:00:00Z" }];
    const url = await serve({ tokens: expired });
    expect((await post(url, { authorization: `Bearer ${ann.token}` })).status).toBe(401);
  });
});

describe("OAuth", () => {
  let issuer = "";
  let issue: (claims: Record<string, unknown>) => Promise<string>;
  const keys = createServer();
  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" };
    keys.on("request", (request, response) => {
      const metadata = { issuer, jwks_uri: `${issuer}/keys` };
      const isMetadata = request.url === "/.well-known/oauth-authorization-server";
      response.end(JSON.stringify(isMetadata ? metadata : { keys: [jwk] }));
    });
    await new Promise<void>((resolve) => keys.listen(0, "127.0.0.1", resolve));
    issuer = `http://127.0.0.1:${(keys.address() as AddressInfo).port}`;
    issue = (claims) =>
      new SignJWT({ iss: issuer, sub: "u1", aud: "https://shodo.example/mcp", ...claims })
        .setProtectedHeader({ alg: "ES256", kid: "k1" })
        .setExpirationTime("exp" in claims ? (claims.exp as number) : "5 minutes")
        .sign(privateKey);
  });
  afterAll(() => new Promise((resolve) => keys.close(resolve)));

  const start = () =>
    serve({ oauth: { issuer, audience: "https://shodo.example/mcp", scopePrefix: "shodo:" } });

  it("publishes whose tokens it takes, and points to that when a token is missing", async () => {
    const url = await start();
    const challenge = (await post(url)).headers.get("www-authenticate") ?? "";
    expect(challenge).toContain(
      'resource_metadata="https://shodo.example/.well-known/oauth-protected-resource/mcp"',
    );
    const document = await fetch(new URL("/.well-known/oauth-protected-resource/mcp", url));
    expect(await document.json()).toEqual({
      resource: "https://shodo.example/mcp",
      authorization_servers: [issuer],
      scopes_supported: ["shodo:read", "shodo:investigate", "shodo:admin"],
      bearer_methods_supported: ["header"],
      resource_name: "Shodo incident analyst",
    });
  });

  it("accepts a token made for this server, with its scopes", async () => {
    const client = await clientOf(await start(), await issue({ scope: "shodo:read" }));
    expect((await callFacts(client, "find_changes")).kind).toBe("empty");
    const more = client.callTool({ name: "start_investigation", arguments: { question: "x" } });
    await expect(more).rejects.toMatchObject({ requiredScope: "shodo:read shodo:investigate" });
  });

  it.each([
    ["made for another server", { aud: "https://other.example", scope: "shodo:read" }, 401],
    ["of another issuer", { iss: "https://evil.example", scope: "shodo:read" }, 401],
    ["that expired", { exp: 1_000, scope: "shodo:read" }, 401],
    ["without a subject", { sub: undefined, scope: "shodo:read" }, 401],
    ["without any of our scopes", { scope: "mail" }, 403],
  ])("refuses a token %s", async (_name, claims, status) => {
    const url = await start();
    const authorization = `Bearer ${await issue(claims)}`;
    expect((await post(url, { authorization })).status).toBe(status);
  });

  it("refuses a token that its sender signed", async () => {
    const url = await start();
    const own = await new SignJWT({ iss: issuer, sub: "u1", scope: "shodo:admin" })
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .setAudience("https://shodo.example/mcp")
      .setExpirationTime("5 minutes")
      .sign(new TextEncoder().encode("k".repeat(32)));
    expect((await post(url, { authorization: `Bearer ${own}` })).status).toBe(401);
    const none = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"u1"}')}.`.replaceAll("=", "");
    expect((await post(url, { authorization: `Bearer ${none}` })).status).toBe(401);
  });
});

describe("several replicas over one store", () => {
  it("let a caller start at one and read at the other", async () => {
    const parts = fakeParts();
    const [one, two] = [await serve({}, parts), await serve({}, parts)];
    const started = await callFacts(await clientOf(one), "start_investigation", { service: "x" });
    parts.analyst.finish(started.incident as string);
    const read = await callFacts(await clientOf(two), "get_investigation", {
      incident: started.incident,
    });
    expect(read.state).toBe("reported");
  });
});

describe("hostile input over HTTP", () => {
  const isClear = async (response: Response) => {
    const text = await response.text();
    expect(response.status).toBeGreaterThanOrEqual(200);
    expect(response.status).toBeLessThan(500);
    expect(text).not.toMatch(/node_modules|\.ts:|\bat \w+.*\(|\/home\/|\/srv\//);
    return text;
  };

  it.each([
    ["a body that is no JSON", "{", 400],
    ["an empty body", "", 400],
    [
      "a body over the limit",
      JSON.stringify({ ...list, params: { x: "a".repeat(1_100_000) } }),
      413,
    ],
    ["an unknown method", JSON.stringify({ ...list, method: "system/exec" }), 200],
    ["a number for a message", "42", 400],
    ["a wrong JSON-RPC version", JSON.stringify({ ...list, jsonrpc: "1.0" }), 400],
  ])("answers %s clearly", async (_name, body, status) => {
    const url = await serve();
    const response = await post(url, {}, body);
    expect(response.status).toBe(status);
    await isClear(response);
  });

  it("refuses a media type that a web form could send", async () => {
    const url = await serve();
    expect((await post(url, { "content-type": "text/plain" })).status).toBe(415);
  });

  it("survives deep JSON", async () => {
    const url = await serve();
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_logs","arguments":{"text":${deep}}}}`;
    expect(await isClear(await post(url, {}, call))).toMatch(/error|nested deeper/);
    expect((await post(url)).status).toBe(200);
  });

  it("stays alive in a burst of 1,000 requests, and answers the next caller", async () => {
    const url = await serve();
    const statuses = new Map<number, number>();
    for (let wave = 0; wave < 10; wave++) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, async () => {
          const response = await post(url);
          await response.body?.cancel();
          return response.status;
        }),
      );
      for (const status of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses.keys()].sort()).toEqual([200, 429]);
    const fresh = await serve();
    expect((await post(fresh)).status).toBe(200);
  });

  it("is not held up by half-open connections", async () => {
    const url = await serve();
    const { hostname, port } = new URL(url);
    const sockets = Array.from({ length: 100 }, () => connectSocket(Number(port), hostname));
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.write("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{");
    }
    expect((await post(url)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    expect((await post(url)).status).toBe(200);
  });
});
