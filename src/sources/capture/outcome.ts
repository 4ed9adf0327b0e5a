import type { FailedOutcome, FailureReason, Gap, Outcome, Provenance } from "../../core/outcome.ts";
import { type SignalQuery, signalOf } from "../../core/query.ts";
import { toIso, type Window } from "../../core/window.ts";
import type { Answer, Capture } from "./answer.ts";
import { answerers, TooBig } from "./answerers.ts";
import { QueryStopped, type Stop } from "./engine.ts";
import { RefusedQuery } from "./native-sql.ts";
import { type CaptureTable, reasonOf, signalOfTable } from "./tables.ts";

/** What was asked, for the provenance of whatever comes of it. */
export interface Asked {
  readonly source: string;
  readonly query: SignalQuery;
  readonly window: Window;
}

/** An answer as data or empty, or failed when the table's files could not be read at all. */
export async function outcomeOf(
  asked: Asked,
  capture: Capture,
  answer: Answer,
  tookMs: number,
  stop: Stop,
): Promise<Outcome> {
  const provenance = provenanceOf(asked, tookMs, answer);
  const tables: CaptureTable[] = [];
  if (asked.query.kind !== "native" && asked.query.kind !== "slos") {
    for (const name of answerers[asked.query.kind].tables) {
      tables.push(await capture.store.table(name, stop));
    }
  }
  const unusable = tables.find((table) => table.state === "unusable");
  if (unusable) {
    const why = unusable.gaps.map((gap) => `${gap.what}: ${gap.why}`).join("; ");
    const message = `No file of the table ${unusable.name} can be read. ${why}`;
    return { kind: "failed", reason: "malformed", message, retryable: false, provenance };
  }
  const gaps = [...tables.flatMap((t) => [...t.gaps, ...absenceOf(t)]), ...(answer.gaps ?? [])];
  if (answer.frame.length > 0) return { kind: "data", frame: answer.frame, provenance, gaps };
  return {
    kind: "empty",
    searched: `${asked.query.kind} in the capture, ${spanOf(asked)}`,
    reasons: reasonsOf(tables, asked),
    next: nextOf(tables),
    provenance,
    gaps,
  };
}

/** The recording itself was not allowed to read this. */
export function deniedOutcome(asked: Asked, reason: string): FailedOutcome {
  const message = `The recording could not read ${signalOf[asked.query.kind]}: ${reason}`;
  return failure(asked, "denied", message, false, 0);
}

/** A fault on the way to an answer, as an outcome. */
export function failedOutcome(asked: Asked, error: unknown, tookMs = 0): FailedOutcome {
  if (error instanceof QueryStopped) {
    return error.reason === "cancelled"
      ? failure(asked, "cancelled", "The read was cancelled.", true, tookMs)
      : failure(asked, "timed-out", "The read took too long; narrow it down.", true, tookMs);
  }
  if (error instanceof TooBig) {
    const message = `The files hold ${error.bytes} bytes, more than this read may scan.`;
    return failure(asked, "too-big", message, false, tookMs);
  }
  const upstream = reasonOf(error);
  if (error instanceof RefusedQuery) {
    const message = "Only one SELECT over the capture's views is allowed.";
    return { ...failure(asked, "unsupported", message, false, tookMs), upstream };
  }
  if (/^Out of Memory/i.test(upstream)) {
    const message = "The answer does not fit into memory; narrow services or time.";
    return { ...failure(asked, "too-big", message, false, tookMs), upstream };
  }
  if (asked.query.kind === "native") {
    const message = "The query cannot be run; correct it and try again.";
    return { ...failure(asked, "malformed", message, false, tookMs), upstream };
  }
  const message = `The capture could not answer ${asked.query.kind}.`;
  return { ...failure(asked, "unavailable", message, true, tookMs), upstream };
}

function failure(
  asked: Asked,
  reason: FailureReason,
  message: string,
  retryable: boolean,
  tookMs: number,
): FailedOutcome {
  return { kind: "failed", reason, message, retryable, provenance: provenanceOf(asked, tookMs) };
}

function provenanceOf(asked: Asked, tookMs: number, answer?: Answer): Provenance {
  return {
    source: asked.source,
    signal: signalOf[asked.query.kind],
    query: answer?.sql || (asked.query.kind === "native" ? asked.query.text : asked.query.kind),
    window: asked.window,
    tookMs: Math.round(tookMs),
    rows: answer?.frame.length ?? 0,
    bytesScanned: answer?.bytes ?? 0,
    truncated: answer?.truncated ?? false,
  };
}

function absenceOf(table: CaptureTable): readonly Gap[] {
  if (table.state !== "absent") return [];
  const signal = signalOfTable[table.name];
  return [
    {
      what: `${table.name} of the capture`,
      why: `the capture has no ${table.name} table`,
      effect: `nothing is known from ${signal}`,
      signal,
    },
  ];
}

function reasonsOf(tables: readonly CaptureTable[], asked: Asked): readonly string[] {
  const absent = tables.filter((table) => table.state === "absent");
  if (absent.length > 0) return absent.map((t) => `the capture has no ${t.name} table`);
  const outside = tables
    .filter((t) => t.rows > 0 && (t.lastAt < asked.window.from || t.firstAt >= asked.window.to))
    .map((t) => `${t.name} were recorded from ${toIso(t.firstAt)} to ${toIso(t.lastAt)} only`);
  if (outside.length > 0) return outside;
  const blank = tables.filter((t) => t.rows === 0).map((t) => `${t.name} has no usable row`);
  return blank.length > 0 ? blank : ["no row matches what was asked"];
}

function nextOf(tables: readonly CaptureTable[]): string {
  if (tables.some((table) => table.state === "absent")) return "Use another signal.";
  return "Widen the window, or leave out services or text.";
}

function spanOf({ window }: Asked): string {
  return `${toIso(window.from)} to ${toIso(window.to)}`;
}
