import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Client } from "@modelcontextprotocol/client";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../config.ts";
import { mcpServerFactory } from "../../mcp/server.ts";
import { callFacts, connect } from "../../mcp/testing/connect.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { openMcpParts } from "../serve-mcp.ts";

/** SQL, paths, templates, control characters and sheer size, for every string a caller may send. */
const tricks = [
  "'; DROP TABLE incidents; --",
  "' UNION SELECT * FROM read_text('/etc/passwd') --",
  "x') OR 1=1 OR ('",
  "../../../../etc/passwd",
  "/etc/passwd\u0000.json",
  "file:///etc/passwd",
  "$(cat /etc/passwd)`id`",
  "{{constructor.constructor('return process')()}}",
  "__proto__",
  "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "\u001b]0;title\u0007\u202e\u200b",
  "a".repeat(100_000),
] as const;

/** Words that would be in an answer if a trick had worked, or if we leaked our insides. */
const leaks = /root:x:0|node_modules|\.ts:\d+|at Object\.|ENOENT|SQLITE_|Parser Error|Binder Error/;

let opened: Awaited<ReturnType<typeof openMcpParts>>;
let client: Client;
beforeAll(async () => {
  const home = mkdtempSync(join(tmpdir(), "shodo-"));
  process.env.SHODO_HOME = home;
  const config = loadConfig({ cwd: home, environment: { SHODO_HOME: home } });
  const platform = { clock: systemClock, ids: randomIds(systemClock) };
  opened = await openMcpParts(config, undefined, platform);
  client = await connect(opened.parts);
});
afterAll(async () => {
  await opened.close();
  delete process.env.SHODO_HOME;
});

describe("the MCP server over the recorded incidents", () => {
  it("investigates one to its report, and answers tools in its scope", async () => {
    const [demo] = opened.parts.demos;
    if (!demo) throw new Error("no recorded incidents");
    const started = await callFacts(client, "start_investigation", { demo: demo.name });
    const incident = started.incident;
    const done = await callFacts(client, "get_investigation", { incident, wait_s: 30 });
    expect(done.state).toBe("reported");
    expect(done.text).toMatch(/conclusion: (confirmed|likely|inconclusive|no-incident)/);
    const services = await callFacts(client, "list_services", { incident });
    expect(services.kind).toBe("data");
    const uri = `shodo://incidents/${incident}/report.md`;
    const { contents } = await client.readResource({ uri });
    expect(JSON.stringify(contents)).toContain("E1");
    const asked = await callFacts(client, "ask_investigation", { incident, question: "why?" });
    expect(asked.kind).toBe("data");
  });

  it("stops an investigation for real when told to", async () => {
    const [demo] = opened.parts.demos;
    const started = await callFacts(client, "start_investigation", { demo: demo?.name });
    const incident = started.incident as string;
    await callFacts(client, "cancel_investigation", { incident });
    const done = await callFacts(client, "get_investigation", { incident, wait_s: 30 });
    expect(["cancelled", "reported"]).toContain(done.state);
    const steps = await opened.parts.analyst.steps(incident, 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await opened.parts.analyst.steps(incident, 0)).toHaveLength(steps.length);
  });
});

describe("hostile input to every tool", () => {
  it("in every string argument: an answer or a clear refusal, nothing leaked", async () => {
    const { tools } = await client.listTools();
    const incident = opened.parts.demos[0]?.name;
    let tried = 0;
    for (const tool of tools) {
      const properties = Object.entries(tool.inputSchema.properties ?? {}) as [
        string,
        { type?: string },
      ][];
      const required = Object.fromEntries(
        (tool.inputSchema.required ?? []).map((name) => [name, "x"]),
      );
      const scope = properties.some(([name]) => name === "cursor") ? { incident } : {};
      for (const [name, schema] of properties) {
        if (schema.type !== "string") continue;
        for (const trick of tricks) {
          const args = { ...scope, ...required, [name]: trick, wait_s: undefined };
          const facts = await callFacts(client, tool.name, withoutUndefined(args));
          expect(facts.text, `${tool.name}.${name}`).not.toMatch(leaks);
          expect(facts.text.length, `${tool.name}.${name}`).toBeLessThan(60_000);
          expect(["data", "empty", "failed"], facts.text).toContain(facts.kind);
          tried += 1;
        }
      }
    }
    expect(tried).toBeGreaterThan(400);
  }, 240_000);

  it("of the wrong type: a refusal that names the field", async () => {
    const { tools } = await client.listTools();
    for (const tool of tools) {
      for (const name of Object.keys(tool.inputSchema.properties ?? {})) {
        for (const value of [{ a: [] }, [[]], 1e308, true]) {
          const facts = await callFacts(client, tool.name, { [name]: value });
          expect(facts.text, `${tool.name}.${name}`).not.toMatch(leaks);
          if (facts.isError) expect(facts.text).toMatch(/next: ./);
        }
      }
    }
  }, 240_000);

  it("as a name of a tool, a prompt or a resource: not found, process alive", async () => {
    for (const trick of tricks.map((text) => text.slice(0, 2_000))) {
      const message = await client.callTool({ name: trick }).then(
        (result) => JSON.stringify(result),
        (error: Error) => error.message,
      );
      expect(message).not.toMatch(leaks);
      const prompt = await client.getPrompt({ name: trick }).catch((error: Error) => error.message);
      expect(String(prompt)).not.toMatch(leaks);
      const uri = `shodo://incidents/${encodeURIComponent(trick)}`;
      const read = await client.readResource({ uri }).catch((error: Error) => error.message);
      expect(String(read)).toMatch(/not found/i);
    }
    expect((await client.listTools()).tools.length).toBeGreaterThan(5);
  });
});

describe("hostile input over stdio", () => {
  it("survives noise, broken JSON and unknown methods, and answers the next message", async () => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const transport = new StdioServerTransport(stdin, stdout);
    const serving = serveStdio(mcpServerFactory(opened.parts), { transport });
    let out = "";
    stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    const clientInfo = { name: "x", version: "0" };
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    const lines = [
      JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params }),
      "this is not JSON",
      '{"jsonrpc":"2.0","id":2',
      '{"jsonrpc":"2.0","id":3,"method":"system/exec","params":{"cmd":"id"}}',
      `{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"search_logs","arguments":{"text":${"[".repeat(5_000)}${"]".repeat(5_000)}}}}`,
      '{"jsonrpc":"2.0","id":5,"method":"tools/list"}',
    ];
    stdin.write(`${lines.join("\n")}\n`);
    while (!out.includes('"id":5')) await new Promise((resolve) => setImmediate(resolve));
    expect(out).toContain('"id":3,"error"');
    expect(out).not.toMatch(leaks);
    for (const line of out.trim().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
    await serving.close();
  });
});

function withoutUndefined(args: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
}
