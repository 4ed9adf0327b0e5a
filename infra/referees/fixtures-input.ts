import {
  acceptedContent,
  inputRequired,
  type McpServer,
  type RequestStateCodec,
} from "@modelcontextprotocol/server";
import { z } from "zod";

const nothing = z.object({});
const text = (words: string) => ({ content: [{ type: "text" as const, text: words }] });

const ask = {
  name: (message = "What is your name?") =>
    inputRequired.elicit({ message, requestedSchema: z.object({ name: z.string() }) }),
  ok: () =>
    inputRequired.elicit({
      message: "Please confirm",
      requestedSchema: z.object({ ok: z.boolean() }),
    }),
  color: () =>
    inputRequired.elicit({
      message: "Step 2: What is your favorite color?",
      requestedSchema: z.object({ color: z.string() }),
    }),
};

/** Tools and a prompt that ask the client for input in one or more rounds (SEP-2322). */
export function registerInputRounds(server: McpServer, codec: RequestStateCodec<unknown>): void {
  const tool = (name: string, run: Parameters<typeof server.registerTool>[2]) =>
    server.registerTool(
      `test_input_required_result_${name}`,
      { description: `Fixture ${name}.`, inputSchema: nothing },
      run as never,
    );
  const given = (context: { mcpReq: { inputResponses?: Record<string, unknown> } }, key: string) =>
    context.mcpReq.inputResponses?.[key] as Record<string, unknown> | undefined;

  tool("elicitation", ((_input: never, context: never) => {
    const user = accepted(context, "user_name", z.object({ name: z.string() }));
    if (!user) return inputRequired({ inputRequests: { user_name: ask.name() } });
    return text(`Hello, ${user.name}!`);
  }) as never);
  tool("sampling", ((_input: never, context: never) => {
    const answer = given(context, "capital_question");
    if (answer) return text(JSON.stringify(answer));
    const capital = inputRequired.createMessage(question("What is the capital of France?"));
    return inputRequired({ inputRequests: { capital_question: capital } });
  }) as never);
  tool("list_roots", ((_input: never, context: never) => {
    const roots = given(context, "client_roots");
    if (roots) return text(JSON.stringify(roots));
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  }) as never);
  for (const name of ["request_state", "tampered_state"]) {
    tool(name, (async (_input: never, context: never) => {
      const { requestState } = (context as { mcpReq: { requestState(): unknown } }).mcpReq;
      if (given(context, "confirm") && requestState()) return text("state-ok");
      const state = await codec.mint({ step: 1 });
      return inputRequired({ inputRequests: { confirm: ask.ok() }, requestState: state });
    }) as never);
  }
  tool("multiple_inputs", (async (_input: never, context: never) => {
    const keys = ["user_name", "greeting", "client_roots"];
    if (keys.every((key) => given(context, key))) return text("all inputs received");
    return inputRequired({
      inputRequests: {
        user_name: ask.name(),
        greeting: inputRequired.createMessage(question("Generate a greeting")),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await codec.mint({ step: 1 }),
    });
  }) as never);
  tool("multi_round", (async (_input: never, context: never) => {
    if (given(context, "step2")) return text("both rounds received");
    const isSecond = given(context, "step1") !== undefined;
    return inputRequired({
      inputRequests: isSecond
        ? { step2: ask.color() }
        : { step1: ask.name("Step 1: What is your name?") },
      requestState: await codec.mint({ step: isSecond ? 2 : 1 }),
    });
  }) as never);
  tool("capabilities", ((_input: never, context: never) => {
    const { envelope } = (context as { mcpReq: { envelope?: Record<string, unknown> } }).mcpReq;
    const declared = envelope?.["io.modelcontextprotocol/clientCapabilities"] ?? {};
    const asks = {
      ...("elicitation" in (declared as object) ? { user_name: ask.name() } : {}),
      ...("sampling" in (declared as object)
        ? { greeting: inputRequired.createMessage(question("Generate a greeting")) }
        : {}),
      ...("roots" in (declared as object) ? { client_roots: inputRequired.listRoots() } : {}),
    };
    if (Object.keys(asks).length === 0) return text("nothing may be asked");
    return inputRequired({ inputRequests: asks });
  }) as never);
  registerInputPrompt(server);
}

/** What the client has answered under a key, when it fits the schema. */
function accepted(context: never, key: string, schema: z.ZodObject) {
  return acceptedContent(
    (context as { mcpReq: { inputResponses?: never } }).mcpReq.inputResponses,
    key,
    schema as never,
  ) as Record<string, unknown> | undefined;
}

function registerInputPrompt(server: McpServer): void {
  server.registerPrompt(
    "test_input_required_result_prompt",
    { description: "Asks for context." },
    ((context: never) => {
      const words = accepted(context, "user_context", z.object({ context: z.string() }));
      if (words) {
        const content = { type: "text" as const, text: `Context: ${words.context}` };
        return { messages: [{ role: "user" as const, content }] };
      }
      const user_context = inputRequired.elicit({
        message: "What context should the prompt use?",
        requestedSchema: z.object({ context: z.string() }),
      });
      return inputRequired({ inputRequests: { user_context } });
    }) as never,
  );
}

/** A sampling request with one line. */
export function question(words: string) {
  return {
    messages: [{ role: "user" as const, content: { type: "text" as const, text: words } }],
    maxTokens: 100,
  };
}
