import { mcpHttpSchema } from "../../src/core/mcp-settings.ts";
import { stdioCaller } from "../../src/mcp/caller.ts";
import { serveMcpHttp } from "../../src/mcp/http/serve-http.ts";
import { fakeIncident } from "../../src/mcp/testing/fake-analyst.ts";
import { fakeParts } from "../../src/mcp/testing/fake-parts.ts";
import { fakeReport } from "../../src/mcp/testing/fake-report.ts";

/** The real server over one finished incident, the same on every run. */
const parts = fakeParts();
const about = { question: "Checkout is slow", service: "checkout", principal: stdioCaller };
parts.analyst.seed(
  { ...fakeIncident("inc_0001", about, parts.clock), state: "reported" },
  fakeReport(),
);
const settings = mcpHttpSchema.parse({ port: 0, rateBurst: 100_000, ratePerSecond: 10_000 });
const server = await serveMcpHttp(parts, settings);
process.stderr.write(`MCP at ${server.url}\n`);
