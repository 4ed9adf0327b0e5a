import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ConfigError, UpstreamError } from "../core/errors.ts";
import { alarmDoor } from "../intake/alarm-door.ts";
import { arrivalWriter } from "../intake/arrival-writer.ts";
import { lambda } from "../intake/senders/lambda.ts";
import { stateChangeEvent } from "../intake/testing/sns-message.ts";
import { systemClock } from "../platform/clock.ts";
import { randomIds } from "../platform/ids.ts";
import { silentLogger } from "../platform/logger.ts";
import { openPostgresStore } from "../store/postgres.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import { postgresBinaries, startPostgres } from "../store/testing/postgres-server.ts";
import { forwarding, handler, storing } from "./lambda.ts";

const { detail, ...envelope } = stateChangeEvent;
/** What CloudWatch gives a function that is the action of an alarm. */
const event = {
  source: "aws.cloudwatch",
  alarmArn: stateChangeEvent.resources[0],
  accountId: envelope.account,
  time: envelope.time,
  region: envelope.region,
  alarmData: detail,
};

const parts = { clock: systemClock, ids: randomIds(systemClock) };
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  vi.unstubAllEnvs();
});

async function memory() {
  const store = await openSqliteStore({ path: ":memory:", ...parts });
  closing.push(() => store.close());
  return store;
}

/** `shodo serve` as far as alarms go: the door with the sender of the function behind HTTP. */
async function service(clock = systemClock) {
  const store = await memory();
  const sender = lambda.open(lambda.settings.parse({ kind: "lambda", secretFrom: "KEY" }), {
    ...{ clock, trustedRoots: [], secret: () => "key" },
    fetchBytes: () => Promise.reject(new Error("no network")),
  });
  const write = arrivalWriter(store.alarms);
  const logger = silentLogger;
  const door = alarmDoor({ senders: [sender], store: store.alarms, write, clock, logger });
  const server: Server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const headers = request.headers as Record<string, string>;
    const answer = await door.receive((request.url ?? "").slice("/alarms/".length), {
      body,
      headers,
    });
    response.writeHead(answer.status).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => void server.close());
  return { store, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarms/lambda` };
}

describe("the Lambda function that writes into the store", () => {
  it("says what to set when it is told neither of its two places", async () => {
    await expect(handler(event)).rejects.toThrow(ConfigError);
    await expect(handler(event)).rejects.toThrow("Set DATABASE_URL, or SHODO_INTAKE_URL");
  });

  it("has the alarm on disk when it returns, once however often it is delivered", async () => {
    const { alarms } = await memory();
    const target = storing(alarms);
    const first = { accepted: 1, duplicates: 0, handled: 0, refused: 0 };
    expect(await target.accept(event)).toEqual(first);
    expect(await target.accept(event)).toEqual({ ...first, accepted: 0, duplicates: 1 });
    const [waiting] = await alarms.pending(10);
    expect(waiting?.alarm).toMatchObject({ name: "checkout-latency", service: "checkout" });
  });

  it("keeps what it cannot read, and still takes the rest of the batch", async () => {
    const { alarms } = await memory();
    const record = (messageId: string, body: string) => ({ messageId, body });
    const batch = { Records: [record("a", "{"), record("b", JSON.stringify(stateChangeEvent))] };
    expect(await storing(alarms).accept(batch)).toMatchObject({ accepted: 1, refused: 1 });
    const { newest } = await alarms.quarantined(5);
    expect(newest[0]).toMatchObject({ sender: "lambda", reason: "a: the message is not JSON" });
  });

  const binaries = postgresBinaries();
  it.runIf(binaries || process.env.CI)(
    "reaches Postgres by DATABASE_URL",
    async () => {
      const server = await startPostgres(binaries ?? "", { durable: false });
      closing.push(() => server.remove());
      vi.stubEnv("DATABASE_URL", server.url);
      expect(await handler(event)).toMatchObject({ accepted: 1 });
      const store = await openPostgresStore({ url: server.url, ...parts });
      closing.push(() => store.close());
      expect((await store.alarms.pending(10)).map(({ alarm }) => alarm.name)).toEqual([
        "checkout-latency",
      ]);
    },
    60_000,
  );
});

describe("the Lambda function that forwards", () => {
  it("hands the event to shodo serve, signed, and tells what became of it", async () => {
    const { store, url } = await service();
    const target = forwarding(url, "key");
    expect(await target.accept(event)).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(await target.accept(event)).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await store.alarms.pending(10)).toHaveLength(1);
    expect(await target.accept({ hello: 1 })).toMatchObject({ accepted: 0, refused: 1 });
    expect((await store.alarms.quarantined(5)).total).toBe(1);
  });

  it("throws when the alarm did not arrive, so that Lambda tries again", async () => {
    const { url } = await service();
    await expect(forwarding(url, "wrong").accept(event)).rejects.toThrow("answered 401");
    const nowhere = forwarding("http://127.0.0.1:9/alarms/lambda", "key");
    await expect(nowhere.accept(event)).rejects.toBeInstanceOf(UpstreamError);
  });

  it("is refused when the message is old, so that it cannot be sent again by a listener", async () => {
    const { url, store } = await service({ now: () => Date.now() + 3_600_000 });
    await expect(forwarding(url, "key").accept(event)).rejects.toThrow("answered 409");
    expect(await store.alarms.pending(10)).toEqual([]);
  });
});
