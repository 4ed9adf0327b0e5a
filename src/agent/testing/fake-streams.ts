import type { ChatAnswer, ResponsesAnswer } from "./fake-answers.ts";

/** Characters of text or of arguments in one event, few enough to cut words and keys in two. */
const pieceChars = 5;

/** The server-sent events of a Chat Completions answer. */
export function chatEvents(answer: ChatAnswer | ResponsesAnswer): string[] {
  if (!("choices" in answer)) return [];
  const { choices, usage, ...head } = answer;
  const [choice] = choices;
  if (!choice) return [];
  const { role, content, tool_calls = [] } = choice.message;
  const event = (delta: object, finish_reason: string | null = null) =>
    data({
      ...head,
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, finish_reason }],
    });
  return [
    event({ ...(role ? { role } : {}), content: "" }),
    ...pieces(content ?? "").map((text) => event({ content: text })),
    ...tool_calls.flatMap(({ id, function: { name, arguments: args } }, index) => [
      event({
        tool_calls: [{ ...at(index, id), type: "function", function: { name, arguments: "" } }],
      }),
      ...pieces(args).map((text) =>
        event({ tool_calls: [{ ...at(index, id), function: { arguments: text } }] }),
      ),
    ]),
    event({}, choice.finish_reason),
    ...(usage ? [data({ ...head, object: "chat.completion.chunk", choices: [], usage })] : []),
    "data: [DONE]\n\n",
  ];
}

/** Who leaves the ids of calls out leaves their places out as well. */
function at(index: number, id: string | undefined): object {
  return id === undefined ? {} : { index, id };
}

/** The server-sent events of a Responses answer. */
export function responseEvents(answer: ChatAnswer | ResponsesAnswer): string[] {
  if (!("output" in answer)) return [];
  const response = { ...answer, status: "in_progress", output: [] };
  return [
    named("response.created", { response }),
    ...answer.output.flatMap((item, output_index) => {
      const place = { output_index, item_id: item.id };
      const isCall = item.type === "function_call";
      const open = isCall ? { ...item, arguments: "" } : { ...item, content: [] };
      const texts = isCall ? [item.arguments] : item.content.map(({ text }) => text);
      const delta = isCall
        ? "response.function_call_arguments.delta"
        : "response.output_text.delta";
      return [
        named("response.output_item.added", { output_index, item: open }),
        ...texts
          .flatMap(pieces)
          .map((text) => named(delta, { ...place, content_index: 0, delta: text })),
        named("response.output_item.done", { output_index, item }),
      ];
    }),
    named("response.completed", { response: answer }),
  ];
}

function pieces(text: string): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${pieceChars}}`, "g")) ?? [];
}

function named(type: string, body: object): string {
  return `event: ${type}\n${data({ type, ...body })}`;
}

function data(body: object): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}
