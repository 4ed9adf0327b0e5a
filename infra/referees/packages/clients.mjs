/**
 * Two clients that are not ours: the SDK's 1.x line, which most hosts still carry, and the AI SDK's.
 * `node clients.mjs URL COMMAND ARG…` prints one JSON line per judgement.
 */
import { createMCPClient } from "@ai-sdk/mcp";
import { Experimental_StdioMCPTransport } from "@ai-sdk/mcp/mcp-stdio";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [url, command, ...args] = process.argv.slice(2);
const report = (what, ok, detail) => console.log(JSON.stringify({ what, ok, detail }));

async function judge(what, run) {
  try {
    report(what, true, await run());
  } catch (error) {
    report(what, false, String(error?.stack ?? error).slice(0, 500));
  }
}

function must(condition, message) {
  if (!condition) throw new Error(message);
}

async function v1(transport) {
  const client = new Client({ name: "v1", version: "0" });
  await client.connect(transport);
  const { tools } = await client.listTools();
  const result = await client.callTool({ name: "list_incidents", arguments: {} });
  must(result.structuredContent?.kind, "no structured content");
  must(result.content[0].text.startsWith("kind: "), "no text");
  const progress = [];
  await client.callTool(
    { name: "get_investigation", arguments: { incident: "inc_none" } },
    undefined,
    { onprogress: (step) => progress.push(step) },
  );
  const { prompts } = await client.listPrompts();
  const { resourceTemplates } = await client.listResourceTemplates();
  const { completion } = await client.complete({
    ref: { type: "ref/prompt", name: "triage" },
    argument: { name: "service", value: "" },
  });
  const stop = new AbortController();
  const call = client.callTool({ name: "list_incidents", arguments: {} }, undefined, {
    signal: stop.signal,
  });
  stop.abort();
  await call.then(
    () => must(false, "a cancelled call was answered"),
    () => undefined,
  );
  await client.close();
  return `${tools.length} tools, ${prompts.length} prompts, ${resourceTemplates.length} templates, ${completion.values.length} completions`;
}

async function aiSdk(transport) {
  const client = await createMCPClient({ transport });
  const tools = await client.tools();
  const list = tools.list_incidents;
  must(list, "list_incidents is not among the tools");
  const result = await list.execute({}, { toolCallId: "1", messages: [] });
  const text = JSON.stringify(result);
  must(text.includes("kind"), `no answer: ${text.slice(0, 200)}`);
  await client.close();
  return `${Object.keys(tools).length} tools`;
}

const env = process.env;
await judge("v1 client over HTTP", () => v1(new StreamableHTTPClientTransport(new URL(url))));
await judge("v1 client over stdio", () => v1(new StdioClientTransport({ command, args, env })));
await judge("@ai-sdk/mcp over HTTP", () => aiSdk({ type: "http", url }));
await judge("@ai-sdk/mcp over stdio", () =>
  aiSdk(new Experimental_StdioMCPTransport({ command, args, env })),
);
process.exit(0);
