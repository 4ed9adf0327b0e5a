import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One call as it came over the wire. */
export interface AwsRequest {
  /** Operation, such as `GetMetricData`; the path without its first `/` where that names it. */
  readonly operation: string;
  readonly body: Record<string, unknown>;
  /** What stands in the address. */
  readonly search: URLSearchParams;
  /** Who asks, and in which region, by the signature. */
  readonly key?: string;
  readonly region?: string;
}

/** A fault, an answer, or text that is not AWS's. */
export type AwsReply =
  | { readonly kind: "answer"; readonly body: unknown }
  | { readonly kind: "fault"; readonly name: string; readonly status: number; words?: string }
  | { readonly kind: "text"; readonly text: string; readonly status?: number }
  /** Never answers. */
  | { readonly kind: "silence" };

/** Speaks the JSON protocol of AWS on this machine, for faults that moto cannot make. */
export async function awsDouble(reply: (request: AwsRequest) => AwsReply | Promise<AwsReply>) {
  const requests: AwsRequest[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", async () => {
      const target = String(request.headers["x-amz-target"] ?? "");
      const { pathname, searchParams: search } = new URL(request.url ?? "/", "http://double");
      const operation = target.split(".").at(-1) || pathname.slice(1) || "AssumeRole";
      const isJson = text.startsWith("{");
      const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : { form: text };
      const scope = /Credential=([^/]*)\/\d*\/([^/]*)/.exec(request.headers.authorization ?? "");
      const own = { operation, body, search, key: scope?.[1] ?? "", region: scope?.[2] ?? "" };
      requests.push(own);
      const answer = await reply(own);
      response.setHeader("content-type", "application/x-amz-json-1.1");
      if (answer.kind === "silence") return;
      if (answer.kind === "text") {
        response.statusCode = answer.status ?? 200;
        response.end(answer.text);
      } else if (answer.kind === "answer") response.end(JSON.stringify(answer.body));
      else {
        response.statusCode = answer.status;
        response.end(JSON.stringify({ __type: answer.name, message: answer.words ?? "no" }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    count: (operation: string) => requests.filter((each) => each.operation === operation).length,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An answer of the double. */
export function answer(body: unknown): AwsReply {
  return { kind: "answer", body };
}

/** A fault of the double. */
export function fault(name: string, status = 400, words?: string): AwsReply {
  return { kind: "fault", name, status, ...(words ? { words } : {}) };
}
