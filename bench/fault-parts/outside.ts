import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SlackDouble } from "../../src/slack/testing/double/slack-double.ts";
import { type Wire, wireTo } from "./wire.ts";

export type Cuttable = "slack" | "notes" | "model" | "aws";

/** Everything outside the service, each behind a wire of its own that can be cut. */
export interface Outside {
  readonly slack: SlackDouble;
  readonly slackApi: string;
  readonly notesUrl: string;
  readonly modelUrl: string;
  readonly queueUrl: string;
  /** Notes that arrived, by their key, with how often each was sent. */
  readonly notes: ReadonlyMap<string, number>;
  readonly modelCalls: () => number;
  /** Puts an alarm into the queue; it comes again until it is deleted. */
  enqueue(body: string): void;
  readonly queueLeft: () => number;
  cut(what: Cuttable, isCut: boolean): void;
  close(): Promise<void>;
}

export async function openOutside(): Promise<Outside> {
  const slack = await SlackDouble.start({ recordCalls: false });
  const notes = new Map<string, number>();
  const queue = new Map<string, { body: string; visibleAt: number }>();
  let modelCalls = 0;
  let put = 0;
  const servers = await Promise.all([
    listening((request, _body) => {
      const key = String(request.headers["idempotency-key"]);
      notes.set(key, (notes.get(key) ?? 0) + 1);
      return {};
    }),
    listening((_request, body) => {
      modelCalls += 1;
      return modelAnswer(body);
    }),
    listening((request, body) => queueAnswer(queue, String(request.headers["x-amz-target"]), body)),
  ]);
  const [notesServer, modelServer, queueServer] = servers;
  const wires: Record<Cuttable, Wire> = {
    slack: await wireTo(Number(new URL(slack.url).port)),
    notes: await wireTo(portOf(notesServer)),
    model: await wireTo(portOf(modelServer)),
    aws: await wireTo(portOf(queueServer)),
  };
  const at = (what: Cuttable, path: string) => `http://127.0.0.1:${wires[what].port}${path}`;
  return {
    slack,
    slackApi: at("slack", "/api/"),
    notesUrl: at("notes", "/notes"),
    modelUrl: at("model", "/v1"),
    queueUrl: at("aws", "/123456789012/alarms"),
    notes,
    modelCalls: () => modelCalls,
    enqueue: (body) => {
      put += 1;
      queue.set(`q${put}`, { body, visibleAt: 0 });
    },
    queueLeft: () => queue.size,
    cut: (what, isCut) => wires[what].cut(isCut),
    close: async () => {
      for (const wire of Object.values(wires)) wire.close();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      await slack.close();
    },
  };
}

type Answer = (request: { headers: Record<string, unknown> }, body: string) => object;

async function listening(answer: Answer): Promise<Server> {
  const server = createServer(async (request, response) => {
    try {
      const body = Buffer.concat(await request.toArray()).toString("utf8");
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answer(request, body)));
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function portOf(server: Server | undefined): number {
  const address = server?.address() as AddressInfo | undefined;
  return address?.port ?? 0;
}

/** A model that keeps the computed order, as its first message shows it. */
function modelAnswer(body: string): object {
  const text = String(body).replaceAll("\\n", "\n");
  const key = /DATA computed ranking\n(\S+) \(/.exec(text)?.[1] ?? "none";
  const evidence = /\bfor (E\d+)/.exec(text)?.[1] ?? "E1";
  const args = {
    primary: key,
    because: "it explains the findings",
    evidence: [evidence],
    note: "",
  };
  const call = { name: "conclude", arguments: JSON.stringify(args) };
  return {
    ...{ id: "answer", object: "chat.completion", created: 1, model: "gpt-test" },
    choices: [
      {
        index: 0,
        finish_reason: "tool_calls",
        message: {
          ...{ role: "assistant", content: null },
          tool_calls: [{ id: "call", type: "function", function: call }],
        },
      },
    ],
    usage: { prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_050 },
  };
}

const visibilityMs = 5_000;

/** As much of SQS as the service needs: a message comes again until it is deleted. */
function queueAnswer(
  queue: Map<string, { body: string; visibleAt: number }>,
  target: string,
  body: string,
): object {
  if (target.endsWith("DeleteMessageBatch")) {
    const { Entries } = JSON.parse(body) as { Entries: { Id: string; ReceiptHandle: string }[] };
    for (const entry of Entries) queue.delete(entry.ReceiptHandle);
    return { Successful: Entries.map(({ Id }) => ({ Id })) };
  }
  const now = performance.now();
  const due = [...queue].filter(([, item]) => item.visibleAt <= now).slice(0, 10);
  for (const [, item] of due) item.visibleAt = now + visibilityMs;
  return {
    Messages: due.map(([id, item]) => ({
      MessageId: id,
      ReceiptHandle: id,
      Body: item.body,
      MD5OfBody: createHash("md5").update(item.body).digest("hex"),
    })),
  };
}
