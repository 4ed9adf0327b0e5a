import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { AwsReply, AwsRequest } from "./aws-double.ts";

/** Lets the service behind answer, another body perhaps. */
interface PassOn {
  readonly kind: "pass-on";
  readonly body: Record<string, unknown>;
}

type Handled = AwsReply | PassOn | null;

/** Answers a call itself, or null to let the service behind answer. */
export type AwsHandler = (request: AwsRequest) => Promise<Handled> | Handled;

/**
 * Stands before an implementation of AWS and answers the calls that it lacks or does differently:
 * by operation (`StartQuery`), or by the path for services that speak REST. Counts all calls.
 */
export async function awsFront(behind: string, handlers: Readonly<Record<string, AwsHandler>>) {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const bytes = await bodyOf(request);
    const target = String(request.headers["x-amz-target"] ?? "")
      .split(".")
      .at(-1);
    const url = new URL(request.url ?? "/", behind);
    const operation = target || url.pathname.slice(1);
    calls.push(operation);
    const text = bytes.toString("utf8");
    const body = text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {};
    const own = await handlers[operation]?.({ operation, body, search: url.searchParams });
    if (own?.kind === "answer") {
      response.setHeader(
        "content-type",
        target ? "application/x-amz-json-1.1" : "application/json",
      );
      response.end(JSON.stringify(own.body));
    } else if (own?.kind === "fault") {
      response.statusCode = own.status;
      response.end(JSON.stringify({ __type: own.name, message: own.words ?? "no" }));
    } else {
      const changed = own?.kind === "pass-on" ? Buffer.from(JSON.stringify(own.body)) : bytes;
      const { status, headers, answer } = await passOn(behind, request, changed);
      response.writeHead(status, headers);
      response.end(answer);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const ownHeaders = /^(host|connection|content-length|transfer-encoding|accept-encoding|expect)$/i;

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      ownHeaders.test(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  );
}

async function passOn(behind: string, request: IncomingMessage, bytes: Buffer) {
  const headers = headersOf(request);
  const answer = await fetch(`${behind}${request.url}`, {
    method: request.method ?? "POST",
    headers,
    ...(bytes.length > 0 ? { body: new Uint8Array(bytes) } : {}),
  });
  const kept = [...answer.headers].filter(
    ([name]) => !/^(content-encoding|transfer-encoding|content-length|connection)$/i.test(name),
  );
  return {
    status: answer.status,
    headers: Object.fromEntries(kept),
    answer: Buffer.from(await answer.arrayBuffer()),
  };
}
