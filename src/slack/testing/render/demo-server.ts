import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { asJson, type Json } from "../../blocks/shape-checks.ts";
import type { SlackDouble } from "../double/slack-double.ts";
import { readBody } from "../double/web-api.ts";
import { type Look, pageHtml } from "./page.ts";

/** Serves the workspace as a page, and acts in it for whoever looks at it. */
export async function serveDemo(
  double: SlackDouble,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const watchers = new Set<ServerResponse>();
  let isDue = false;
  double.workspace.on("change", () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      for (const one of watchers) one.write("data: changed\n\n");
    }, 400);
  });
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname === "/changes") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      watchers.add(response);
      request.on("close", () => watchers.delete(response));
      return;
    }
    if (url.pathname === "/act") {
      response.end(await act(double, asJson(JSON.parse((await readBody(request)).toString()))));
      return;
    }
    const look = lookOf(url.searchParams);
    if (look.view === "home") await double.user(look.user).openHome("home");
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(pageHtml(double, look));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function lookOf(query: URLSearchParams): Look {
  return {
    user: query.get("user") || "U0ANA0001",
    channel: query.get("channel") || "C0INCID01",
    thread: query.get("thread") || null,
    view: query.get("view") === "home" ? "home" : "channel",
  };
}

/** Does what was pressed; the answer is what went wrong, or nothing. */
async function act(double: SlackDouble, body: Json): Promise<string> {
  const user = double.user(String(body.user));
  const channel = String(body.channel);
  const message = double.workspace.find(channel, String(body.ts));
  try {
    if (body.kind === "click" && body.home) await user.clickHome(String(body.action));
    else if (body.kind === "click" && message && body.feedback) {
      await user.feedback(message, body.feedback === "good" ? "good" : "bad");
    } else if (body.kind === "click" && message) await user.click(message, String(body.action));
    else if (body.kind === "select" && message) await user.select(message, String(body.option));
    else if (body.kind === "shortcut" && message) await user.shortcut(message);
    else if (body.kind === "stop") await user.stop(channel, String(body.ts));
    else if (body.kind === "close") {
      const open = user.modal();
      if (open) open.open = false;
      double.workspace.changed();
    } else if (body.kind === "submit") {
      const values = asJson(body.values);
      const given = Object.entries(values).filter(([, value]) => value !== "");
      const answer = await user.submit(Object.fromEntries(given.map(([k, v]) => [k, String(v)])));
      if (answer.response_action === "errors")
        return Object.values(asJson(answer.errors)).join("\n");
    } else if (body.kind === "write") await write(double, body, channel);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function write(double: SlackDouble, body: Json, channel: string): Promise<void> {
  const user = double.user(String(body.user));
  const text = String(body.text).trim();
  const thread = body.reply ? String(body.reply) : null;
  if (text.startsWith("/investigate")) await user.command(channel, text.slice(12).trim());
  else if (channel.startsWith("D")) await user.dm(text, thread);
  else if (/@shodo/i.test(text))
    await user.mention(channel, text.replace(/@shodo/gi, "").trim(), thread);
  else await user.say(channel, text, thread);
}
