import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { Settings } from "../lib/settings.ts";
import { Child } from "./child.ts";
import { claimPorts } from "./ports.ts";
import { buildRelease, type Edits } from "./releases.ts";

/** The services of the shop, in the order in which they start. */
export const shopServices = [
  "catalog",
  "inventory",
  "payment",
  "worker",
  "checkout",
  "storefront",
] as const;
export type ShopService = (typeof shopServices)[number];

const versions: Record<ShopService, string> = {
  storefront: "7.3.1",
  checkout: "5.18.0",
  catalog: "4.11.2",
  inventory: "3.9.4",
  payment: "6.2.0",
  worker: "2.4.7",
};

export interface SystemOptions {
  /** OTLP/HTTP receiver that everything reports to. */
  otlp: string;
  /** First of eleven ports; 0 takes free ones. Default 8100. */
  port?: number;
  visitsPerSecond?: number;
  metricsEveryMs?: number;
  /** A Postgres to use instead of the built-in one. */
  databaseUrl?: string | undefined;
  /** Files that differ from the checked-in shop in the first release. */
  edits?: Edits;
  onNotice?: (text: string) => void;
}

export const settingsAtStart: Settings = {
  providerTimeoutMs: 3_000,
  providerAttempts: 2,
  checkoutSlots: 2,
  regionalTax: ["DE", "GB"],
  flags: { "regional-tax": true, "new-search": false, "gift-wrap": false, "express-badge": true },
};

/**
 * The running shop: processes, their addresses, and the levers that deploy, configure and break.
 */
export class ShopSystem {
  readonly storefrontUrl: string;
  readonly settings: Settings = structuredClone(settingsAtStart);
  readonly #options: SystemOptions;
  readonly #folder: string;
  readonly #ports: Record<string, number>;
  readonly #databaseUrl: string;
  readonly #children = new Map<string, Child>();
  readonly #roots = new Map<string, { root: string; version: string }>();
  #edits: Edits;
  #stopped = false;

  /** Starts everything; when one part does not start, stops the rest and throws one sentence. */
  static async start(options: SystemOptions): Promise<ShopSystem> {
    await requireReceiver(options.otlp);
    const names = ["storefront", "checkout", "catalog", "inventory", "payment", "worker"];
    names.push("novapay", "postgres", "postgres-socket");
    const claimed = await claimPorts(options.port ?? 8_100, names.length);
    const ports = Object.fromEntries(names.map((name, at) => [name, claimed[at] ?? 0]));
    const folder = await mkdtemp(join(tmpdir(), "shodo-shop-"));
    const system = new ShopSystem(options, folder, ports);
    try {
      await system.#startAll();
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  private constructor(options: SystemOptions, folder: string, ports: Record<string, number>) {
    this.#options = options;
    this.#folder = folder;
    this.#ports = ports;
    this.#edits = { ...options.edits };
    this.storefrontUrl = `http://127.0.0.1:${ports.storefront}`;
    this.#databaseUrl =
      options.databaseUrl ?? `postgres://shop@127.0.0.1:${ports["postgres-socket"]}/postgres`;
  }

  /** Replaces files of one service and moves it to a new version without a gap. */
  async deploy(service: ShopService, version: string, edits: Edits): Promise<void> {
    this.#edits = { ...this.#edits, ...edits };
    this.#roots.set(service, { root: await buildRelease(this.#folder, this.#edits), version });
    const old = this.#children.get(service);
    await this.#startService(service);
    await old?.stop();
  }

  version(service: ShopService): string {
    return this.#roots.get(service)?.version ?? versions[service];
  }

  configure(change: Partial<Settings>): void {
    Object.assign(this.settings, change);
    for (const service of shopServices) {
      this.#children.get(service)?.send({ settings: this.settings });
    }
  }

  crowd(change: object): void {
    this.#children.get("shoppers")?.send({ crowd: change });
  }

  providerTrouble(trouble: { failing: number; hanging: number }): void {
    this.#children.get("provider")?.send({ trouble });
  }

  async sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.#databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Calls a service from the operations side, without a trace. */
  async operate(service: ShopService, path: string, body: object): Promise<void> {
    await fetch(`http://127.0.0.1:${this.#ports[service]}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
  }

  /** Stops shoppers first, so that what is under way is answered, and the database last. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#children.get("shoppers")?.stop();
    const middle = [...shopServices, "provider"].map((name) => this.#children.get(name)?.stop());
    await Promise.all(middle);
    await this.#children.get("database")?.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #startAll(): Promise<void> {
    const root = await buildRelease(this.#folder, this.#edits);
    for (const service of shopServices) {
      this.#roots.set(service, { root, version: versions[service] });
    }
    const own = this.#options.databaseUrl === undefined;
    await this.#startOther("database", root, this.#ports.postgres ?? 0, {
      OTEL_SERVICE_NAME: "postgres",
      SHOP_POOL_MAX: "2",
      ...(own ? { SHOP_DATABASE_PORT: String(this.#ports["postgres-socket"]) } : {}),
    });
    await this.#startOther("provider", root, this.#ports.novapay ?? 0, {});
    // All of them settle before one failure stops the rest: a process still starting would stay.
    const started = await Promise.allSettled(
      shopServices.map((service) => this.#startService(service)),
    );
    for (const start of started) if (start.status === "rejected") throw start.reason;
    const visits = String(this.#options.visitsPerSecond ?? 1.2);
    await this.#startOther("shoppers", root, 0, { SHOP_VISITS_PER_SECOND: visits });
  }

  async #startService(service: ShopService): Promise<void> {
    const release = this.#roots.get(service);
    if (!release) throw new Error(`no release of ${service}`);
    const child = await Child.start(
      {
        name: service,
        root: release.root,
        instrumented: true,
        heapMb: service === "catalog" ? 96 : 256,
        env: {
          ...this.#env(service, this.#ports[service] ?? 0, release.version),
          SHOP_POOL_MAX: service === "payment" ? "5" : "8",
        },
      },
      (dead) => void this.#revive(service, dead),
    );
    this.#children.set(service, child);
  }

  async #startOther(name: string, root: string, port: number, env: Record<string, string>) {
    const instrumented = name === "database";
    const base = { ...this.#env(env.OTEL_SERVICE_NAME ?? name, port, "18.6"), ...env };
    const child = await Child.start({ name, root, instrumented, env: base }, (dead) => {
      if (!this.#stopped) this.#options.onNotice?.(`${name} died: ${dead.complaint()}`);
    });
    this.#children.set(name, child);
  }

  /** What a container platform does: a process that dies is started again. */
  async #revive(service: ShopService, dead: Child): Promise<void> {
    if (this.#stopped || this.#children.get(service) !== dead) return;
    this.#options.onNotice?.(`${service} died and is started again: ${dead.complaint()}`);
    await this.#startService(service).catch((error: Error) =>
      this.#options.onNotice?.(error.message),
    );
  }

  #env(service: string, port: number, version: string): Record<string, string> {
    const { storefront, checkout, catalog, inventory, payment, novapay } = this.#ports;
    const peers = { storefront, checkout, catalog, inventory, payment, novapay };
    const addresses = Object.entries(peers).map(([peer, at]) => [peer, `http://127.0.0.1:${at}`]);
    return {
      OTEL_SERVICE_NAME: service,
      OTEL_EXPORTER_OTLP_ENDPOINT: this.#options.otlp,
      OTEL_METRIC_EXPORT_INTERVAL: String(this.#options.metricsEveryMs ?? 10_000),
      SHOP_VERSION: version,
      SHOP_PORT: String(port),
      SHOP_PEERS: JSON.stringify(Object.fromEntries(addresses)),
      SHOP_SETTINGS: JSON.stringify(this.settings),
      DATABASE_URL: this.#databaseUrl,
    };
  }
}

async function requireReceiver(otlp: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  try {
    const response = await fetch(`${otlp}/v1/logs`, { method: "POST", headers, body: "{}" });
    if (response.ok) return;
    throw new Error(`it answered ${response.status}`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`no OTLP/HTTP receiver at ${otlp} (${why}); start one or leave out --otlp`, {
      cause,
    });
  }
}
