import { readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { type CaptureIncident, captureIncidentSchema } from "../core/capture.ts";
import { ConfigError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import { type QueryKind, type SignalQuery, signalOf } from "../core/query.ts";
import type { Probe, Source, SourceContext, SourceDefinition } from "../core/source.ts";
import { toIso, type Window } from "../core/window.ts";
import type { Capture } from "./capture/answer.ts";
import { answerers, answerOf } from "./capture/answerers.ts";
import { tableNames } from "./capture/files.ts";
import { deniedOutcome, failedOutcome, outcomeOf } from "./capture/outcome.ts";
import { type CaptureStore, openStore } from "./capture/store.ts";

const settings = z.strictObject({
  /** Folder that holds the tables, and `incident.json` where an incident was recorded. */
  folder: z.string().min(1),
});

/** Telemetry recorded into a folder (DESIGN section 6), queried where it lies. */
export const capture: SourceDefinition<typeof settings> = {
  kind: "capture",
  title: "Capture: telemetry recorded in a folder",
  settings,
  permissions: ["read access to the folder"],
  async open(name, { folder }) {
    return openCapture(name, resolve(folder));
  },
};

const guide = `SQL of DuckDB, one SELECT. Views, times are TIMESTAMPTZ in UTC:
metrics(timestamp, service, metric, value, resource, unit, kind, layer, attributes)
logs(timestamp, service, severity, body, trace_id, span_id, attributes)
spans(trace_id, span_id, parent_span_id, service, name, start, duration_ms, status, kind, attributes)
changes(timestamp, kind, service, ref, title, author, files, diff)
span_facts(trace, service, name, kind, start_ms, duration_ms, self_ms, is_error, is_origin, caller)
severity is one of trace, debug, info, warn, error, fatal.
attributes is JSON: json_extract_scalar(attributes, '$["http.route"]').
mask(body) gives the masked first line of a log; ms(t) gives epoch milliseconds.
Restrict the time yourself: WHERE timestamp >= TIMESTAMP '2026-01-01 10:00:00'.`;

/**
 * Reads and checks `incident.json`; a fault is a `ConfigError` that names file and key. Without the
 * file the folder holds telemetry alone, and whoever asks must have said which window: `asked`.
 */
export async function readCaptureIncident(
  folder: string,
  asked: Window | null = null,
): Promise<CaptureIncident> {
  const file = join(folder, "incident.json");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const isFolder = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder && asked) return bareIncident(folder, asked);
    const why = isFolder
      ? "has no incident.json; add one, or say when it happened (--since and --until)"
      : "is not a folder that can be read; a capture is a folder with incident.json";
    throw new ConfigError(`${folder} ${why}`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""), withoutNull);
  } catch (cause) {
    throw new ConfigError(`${file} is not JSON`, { cause });
  }
  const parsed = captureIncidentSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((i) => `${i.path.join(".") || "(top)"}: ${i.message}`);
  throw new ConfigError(`${file}: ${faults.join("; ")}`);
}

/** What a converter does not know it writes as null: the same as leaving it out. */
function withoutNull(_key: string, value: unknown): unknown {
  return value ?? undefined;
}

function bareIncident(folder: string, window: Window): CaptureIncident {
  const name = basename(folder);
  const trigger = { kind: "question" };
  return { id: name, title: name, trigger, window, services: [], kpis: [], slos: [], denied: [] };
}

/** Each question to a source brings its own window. */
const anyTime: Window = { from: 0, to: Number.MAX_SAFE_INTEGER };

async function openCapture(name: string, folder: string): Promise<Source> {
  const incident = await readCaptureIncident(folder, anyTime);
  let opened: Promise<CaptureStore> | null = null;
  let isClosed = false;
  // The engine starts with the first question, so that opening costs nothing.
  const store = () => {
    opened ??= openStore(folder);
    opened.catch(() => {
      opened = null;
    });
    return opened;
  };
  return {
    name,
    signals: ["metrics", "logs", "traces", "changes", "topology", "business", "alarms"],
    answers: Object.keys(answerers) as QueryKind[],
    guide,
    probe: async (context) => probeCapture(incident, folder, store, context),
    async run(query, window, context) {
      if (isClosed) return failedOutcome({ source: name, query, window }, closedFault);
      return run(name, incident, store, query, window, context);
    },
    async close() {
      isClosed = true;
      if (opened) await (await opened).close();
    },
  };
}

const closedFault = new Error("the capture was closed");

async function run(
  source: string,
  incident: CaptureIncident,
  store: () => Promise<CaptureStore>,
  query: SignalQuery,
  window: Window,
  context: SourceContext,
): Promise<Outcome> {
  const asked = { source, query, window };
  const denied = incident.denied.find((entry) => isSignal(entry.signal, query.kind));
  if (denied) return deniedOutcome(asked, denied.reason);
  const startedAt = performance.now();
  try {
    const opened: Capture = { store: await store(), incident };
    const answer = await answerOf(opened, query, window, context);
    return await outcomeOf(asked, opened, answer, performance.now() - startedAt, context);
  } catch (error) {
    return failedOutcome(asked, error, performance.now() - startedAt);
  }
}

/** A recording may name a signal or a table. */
function isSignal(said: string, kind: QueryKind): boolean {
  const signal = signalOf[kind];
  return said === signal || (said === "spans" && signal === "traces");
}

async function probeCapture(
  incident: CaptureIncident,
  folder: string,
  store: () => Promise<CaptureStore>,
  context: SourceContext,
): Promise<Probe> {
  try {
    const opened = await store();
    const lines = [`${basename(folder)}: ${incident.title}`];
    let isWhole = true;
    for (const name of tableNames) {
      const table = await opened.table(name, context);
      const reach = table.rows > 0 ? `, ${toIso(table.firstAt)} to ${toIso(table.lastAt)}` : "";
      lines.push(
        table.state === "absent"
          ? `${name}: not recorded`
          : `${name}: ${table.rows} rows in ${table.files.length} files${reach}`,
      );
      for (const gap of table.gaps) lines.push(`${gap.what}: ${gap.why}`);
      isWhole &&= table.gaps.length === 0 && table.state === "ready";
    }
    for (const { signal, reason } of incident.denied) lines.push(`${signal}: denied, ${reason}`);
    return { state: isWhole && incident.denied.length === 0 ? "ready" : "limited", lines };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { state: "unreachable", lines: [`${folder}: ${words}`] };
  }
}
