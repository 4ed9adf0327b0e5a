import { InMemoryServerEventBus } from "@modelcontextprotocol/server";
import { mcpHttpSchema } from "../../src/core/mcp-settings.ts";
import { serveMcpHttp } from "../../src/mcp/http/serve-http.ts";
import { fakeParts } from "../../src/mcp/testing/fake-parts.ts";
import { fixtureServer } from "./fixtures.ts";

/** The real transport, gate and handler, with the suite's fixtures in the place of our tools. */
const settings = mcpHttpSchema.parse({ port: 0, rateBurst: 100_000, ratePerSecond: 10_000 });
const bus = new InMemoryServerEventBus();
const server = await serveMcpHttp(fakeParts(), settings, {
  factory: () => fixtureServer(bus),
  bus,
});
process.stderr.write(`MCP at ${server.url}\n`);
