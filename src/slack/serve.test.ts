import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { SlackDouble } from "./testing/double/slack-double.ts";
import { appToken, botToken } from "./testing/double/web-api.ts";
import type { DoubleMessage } from "./testing/double/workspace.ts";
import { seen } from "./testing/using-stage.ts";

const root = join(import.meta.dirname, "../..");
const incidents = join(root, "examples/incidents");
const secret = "a-secret-for-alarms";

/** The product as it is run: `shodo serve` in its own process, killed as machines kill. */
describe("shodo serve with Slack", () => {
  const home = mkdtempSync(join(tmpdir(), "shodo-serve-"));
  let double: SlackDouble;
  let child: ChildProcess | null = null;

  beforeAll(async () => {
    double = await SlackDouble.start();
    const settings = {
      slack: {
        apiUrl: double.apiUrl,
        alarmChannel: "C0INCID01",
        roles: { responder: { users: ["U0ANA0001"] } },
      },
      work: { leaseSeconds: 5 },
      alarms: [
        {
          kind: "webhook",
          name: "test",
          secretFrom: "ALARM_SECRET",
          fields: { name: "name", service: "service", state: "state", fingerprint: "id" },
        },
      ],
    };
    writeFileSync(join(home, "shodo.yaml"), stringify(settings));
  });
  afterAll(async () => {
    child?.kill("SIGKILL");
    await double.close();
    rmSync(home, { recursive: true, force: true });
  });

  async function serve(): Promise<string> {
    const folder = join(incidents, readdirSync(incidents).sort()[0] ?? "");
    const args = ["src/main.ts", "serve", "--config", join(home, "shodo.yaml")];
    child = spawn(process.execPath, [...args, "--port", "0", "--capture", folder], {
      cwd: root,
      env: {
        ...process.env,
        SHODO_HOME: home,
        SLACK_BOT_TOKEN: botToken,
        SLACK_APP_TOKEN: appToken,
        ALARM_SECRET: secret,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    return new Promise((resolve, reject) => {
      child?.once("exit", (code) => reject(new Error(`serve ended with ${code}:\n${said}`)));
      for (const stream of [child?.stdout, child?.stderr]) {
        stream?.on("data", (part: Buffer) => {
          said += part.toString();
          const url = /POST (http\S+)/.exec(said)?.[1];
          if (url) resolve(url);
        });
      }
    });
  }

  async function end(how: NodeJS.Signals): Promise<void> {
    const ended = child;
    ended?.removeAllListeners("exit");
    const gone = new Promise((resolve) => ended?.once("exit", resolve));
    ended?.kill(how);
    await gone;
  }

  async function fire(url: string, state: string): Promise<number> {
    const body = JSON.stringify({
      id: "pay-1",
      name: "payment success low",
      service: "payment",
      state,
    });
    const digest = createHmac("sha256", secret).update(body).digest("hex");
    const headers = { "content-type": "application/json", "x-signature-256": `sha256=${digest}` };
    return (await fetch(url, { method: "POST", body, headers })).status;
  }

  const own = () => double.workspace.messages.filter((one) => one.bot === double.workspace.botId);

  it("posts an alarm's incident, survives a kill, and reports once", async () => {
    const url = await serve();
    expect(await fire(url, "firing")).toBeLessThan(300);
    const headline = await double.until(() => own()[0], "a headline", 60_000);
    await end("SIGKILL");
    await serve();
    const report = await double.until(
      () => own().find((one) => one.metadata.event_type === "shodo_report"),
      "a report after the restart",
      90_000,
    );
    expect(report.threadTs).toBe(headline.ts);
    await double.user("U0ANA0001").click(report, "Acknowledge");
    await double.until(() => seen(headline).includes("Acknowledged by"), "the owner", 30_000);
    const kinds = own().map((one) => one.metadata.event_type);
    expect(kinds.filter((kind) => kind === "shodo_headline")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "shodo_report")).toHaveLength(1);
    await end("SIGTERM");
  }, 200_000);

  it("goes on with what a person asked when it is killed in the middle of the run", async () => {
    await serve();
    await double.until(() => double.socket.sockets.size > 0, "a socket", 60_000);
    const ana = double.user("U0ANA0001");
    const { message } = await ana.mention("C0SHOP001", "why do payments fail?");
    const inThread = () => double.workspace.thread("C0SHOP001", message.ts);
    await double.until(() => message.reactions.has("eyes"), "the eyes", 60_000);
    await end("SIGKILL");
    const isReport = (one: DoubleMessage) => one.metadata.event_type === "shodo_report";
    expect(inThread().filter(isReport)).toHaveLength(0);
    await serve();
    const report = await double.until(() => inThread().find(isReport), "a report", 90_000);
    await double.until(() => message.reactions.has("white_check_mark"), "the end", 30_000);
    expect(inThread().filter(isReport)).toEqual([report]);
    await end("SIGTERM");
  }, 200_000);
});
