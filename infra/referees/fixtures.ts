import {
  completable,
  createRequestStateCodec,
  fromJsonSchema,
  inputRequired,
  McpServer,
  ResourceTemplate,
  type ServerContext,
  type ServerEventBus,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { question, registerInputRounds } from "./fixtures-input.ts";
import { referenceSchema } from "./fixtures-schema.ts";

/** A red pixel, and a WAV file without sound: the smallest of their kind. */
const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

const codec = createRequestStateCodec({ key: "conformance-fixture-key-of-32-bytes!" });
const nothing = z.object({});
const text = (words: string) => ({ content: [{ type: "text" as const, text: words }] });
const image = { type: "image" as const, data: png, mimeType: "image/png" };

/**
 * What the conformance suite calls by name, behind the transport, gate and handler of the real
 * server: so that every scenario about the wire is judged, not only those that need no fixture.
 */
export function fixtureServer(bus: ServerEventBus): McpServer {
  const server = new McpServer(
    { name: "shodo-fixtures", version: "0" },
    {
      capabilities: { logging: {}, resources: { subscribe: true } },
      requestState: { verify: codec.verify },
    },
  );
  registerContent(server);
  registerBehaviour(server);
  registerChanges(server, bus);
  registerResources(server);
  registerPrompts(server);
  registerInputRounds(server, codec);
  return server;
}

function registerContent(server: McpServer): void {
  const tool = (name: string, content: object[]) =>
    server.registerTool(name, { description: `Fixture ${name}.`, inputSchema: nothing }, () => ({
      content: content as never,
    }));
  const resource = (uri: string, mimeType: string, words: string) => ({
    type: "resource",
    resource: { uri, mimeType, text: words },
  });
  tool("test_simple_text", text("This is a simple text response for testing.").content);
  tool("test_image_content", [image]);
  tool("test_audio_content", [{ type: "audio", data: wav, mimeType: "audio/wav" }]);
  tool("test_embedded_resource", [
    resource("test://embedded-resource", "text/plain", "This is an embedded resource content."),
  ]);
  tool("test_multiple_content_types", [
    ...text("Multiple content types test:").content,
    image,
    resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
  ]);
}

function registerBehaviour(server: McpServer): void {
  server.registerTool(
    "test_error_handling",
    { description: "Fails.", inputSchema: nothing },
    () => {
      throw new Error("This tool intentionally returns an error for testing");
    },
  );
  server.registerTool(
    "test_tool_with_progress",
    { description: "Tells progress.", inputSchema: nothing },
    async (_input, context) => {
      for (const progress of [0, 50, 100]) await tellProgress(context, progress);
      return text("done");
    },
  );
  for (const name of ["test_tool_with_logging", "test_logging_tool"]) {
    server.registerTool(
      name,
      { description: "Logs.", inputSchema: nothing },
      async (_i, context) => {
        for (const stage of ["execution started", "processing data", "execution completed"]) {
          await context.mcpReq.log("info", `Tool ${stage}`);
        }
        return text("logged");
      },
    );
  }
  server.registerTool(
    "test_missing_capability",
    { description: "Needs sampling.", inputSchema: nothing },
    () => inputRequired({ inputRequests: { ask: inputRequired.createMessage(question("Hello")) } }),
  );
  server.registerTool(
    "test_streaming_elicitation",
    { description: "Asks while it streams.", inputSchema: nothing },
    async (_input, context) => {
      await tellProgress(context, 1);
      return text("no independent request was sent");
    },
  );
  server.registerTool(
    "json_schema_2020_12_tool",
    { description: "Keeps its schema.", inputSchema: fromJsonSchema(referenceSchema as never) },
    () => text("kept"),
  );
  server.registerTool(
    "test_custom_header",
    {
      description: "Mirrors an argument into a header.",
      inputSchema: fromJsonSchema({
        type: "object",
        properties: { region: { type: "string", "x-mcp-header": "Region" } },
        required: ["region"],
      } as never),
    },
    () => text("mirrored"),
  );
  registerAsking(server);
}

/** Pretends that a list changed, so that those who listen are told. */
function registerChanges(server: McpServer, bus: ServerEventBus): void {
  const trigger = (name: string, kind: "tools_list_changed" | "prompts_list_changed") =>
    server.registerTool(name, { description: "Changes a list.", inputSchema: nothing }, () => {
      bus.publish({ kind });
      return text("changed");
    });
  trigger("test_trigger_tool_change", "tools_list_changed");
  trigger("test_trigger_prompt_change", "prompts_list_changed");
}

/** Requests to the client as 2025 knew them; over stateless HTTP they cannot be answered. */
function registerAsking(server: McpServer): void {
  const prompt = z.object({ prompt: z.string() });
  server.registerTool("test_sampling", { description: "Samples.", inputSchema: prompt }, (input) =>
    inputRequired({ inputRequests: { ask: inputRequired.createMessage(question(input.prompt)) } }),
  );
  const message = z.object({ message: z.string() });
  server.registerTool("test_elicitation", { description: "Asks.", inputSchema: message }, (input) =>
    inputRequired({
      inputRequests: {
        user: inputRequired.elicit({
          message: input.message,
          requestedSchema: z.object({ username: z.string(), email: z.string() }),
        }),
      },
    }),
  );
}

async function tellProgress(context: ServerContext, progress: number): Promise<void> {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return;
  const params = { progressToken, progress, total: 100 };
  await context.mcpReq.notify({ method: "notifications/progress", params });
}

function registerResources(server: McpServer): void {
  const plain = (uri: URL, mimeType: string, body: object) => ({
    contents: [{ uri: uri.href, mimeType, ...body } as never],
  });
  server.registerResource(
    "static-text",
    "test://static-text",
    { description: "Text.", mimeType: "text/plain" },
    (uri) => plain(uri, "text/plain", { text: "This is the content of the static text resource." }),
  );
  server.registerResource(
    "static-binary",
    "test://static-binary",
    { description: "An image.", mimeType: "image/png" },
    (uri) => plain(uri, "image/png", { blob: png }),
  );
  server.registerResource(
    "template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { description: "By id.", mimeType: "application/json" },
    (uri, { id }) =>
      plain(uri, "application/json", {
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      }),
  );
  server.server.setRequestHandler("resources/subscribe", () => ({}));
  server.server.setRequestHandler("resources/unsubscribe", () => ({}));
}

function registerPrompts(server: McpServer): void {
  const say = (...content: object[]) => ({
    messages: content.map((part) => ({ role: "user" as const, content: part as never })),
  });
  const words = (line: string) => ({ type: "text", text: line });
  server.registerPrompt("test_simple_prompt", { description: "Simple." }, () =>
    say(words("This is a simple prompt for testing.")),
  );
  const cities = (value: string) => ["paris", "park"].filter((city) => city.startsWith(value));
  server.registerPrompt(
    "test_prompt_with_arguments",
    {
      description: "With arguments.",
      argsSchema: z.object({ arg1: completable(z.string(), cities), arg2: z.string() }),
    },
    ({ arg1, arg2 }) => say(words(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "With a resource.", argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri: uri }) =>
      say(
        {
          type: "resource",
          resource: { uri, mimeType: "text/plain", text: "Embedded resource content for testing." },
        },
        words("Please process the embedded resource above."),
      ),
  );
  server.registerPrompt("test_prompt_with_image", { description: "With an image." }, () =>
    say(image, words("Please analyze the image above.")),
  );
}
