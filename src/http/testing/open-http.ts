import { createHash } from "node:crypto";
import type { Analyst } from "../../core/analyst.ts";
import { httpSettingsSchema } from "../../core/http-settings.ts";
import type { Logger } from "../../core/logger.ts";
import type { Role } from "../../core/principal.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { quickAnalyst } from "../../work/testing/quick-analyst.ts";
import type { HttpParts } from "../parts.ts";

const quiet: Logger = { info() {}, warn() {}, error() {}, with: () => quiet };

/** The face's parts over a store in memory, with a token for each role: `Bearer token-viewer`, … */
export async function openHttp(settings: object = {}, analyst: Partial<Analyst> = {}) {
  let at = Date.parse("2026-03-02T10:00:00Z");
  let count = 0;
  const clock = { now: () => at };
  const ids = { next: (prefix: string) => `${prefix}_${String(++count).padStart(4, "0")}` };
  const store = await openSqliteStore({ path: ":memory:", clock, ids });
  const done = async () => ({ kind: "done" as const });
  const parts: HttpParts = {
    analyst: {
      ...quickAnalyst({ store, clock }),
      cancel: done,
      acknowledge: done,
      feedback: done,
      ...analyst,
    } as Analyst,
    store,
    door: {
      paths: ["test"],
      bytesMax: 1_000,
      receive: async (path, { body }) => ({
        status: path === "test" ? 202 : 404,
        message: new TextDecoder().decode(body),
        accepted: 1,
        duplicates: 0,
      }),
      refuseOversized: async (_path, bytes) => ({
        status: 413,
        message: `${bytes} bytes`,
        accepted: 0,
        duplicates: 0,
      }),
    },
    settings: httpSettingsSchema.parse({ localRole: null, tokens: tokens(), ...settings }),
    secret: (variable) => `secret of ${variable}`,
    clock,
    ids,
    logger: quiet,
    version: "0.0.0-test",
    isAccepting: () => true,
    gauges: () => [{ name: "shodo_workers", help: "Jobs that run.", value: 2 }],
  };
  const pass = (ms: number) => {
    at += ms;
  };
  return { parts, store, clock, pass };
}

/** The header of whoever holds this role; the tokens are those of `openHttp`. */
export const bearer = (role: Role) => ({ authorization: `Bearer token-${role}` });

function tokens() {
  return ["viewer", "responder", "approver", "admin"].map((role) => ({
    name: `the-${role}`,
    role,
    hash: `sha256:${createHash("sha256").update(`token-${role}`).digest("hex")}`,
  }));
}
