import { type Measure, type MeasureName, stepMinutes } from "./measures.ts";
import type { Line, Span } from "./system.ts";

/** A way in which a company names, spells and files its telemetry. */
export interface Dialect {
  readonly name: string;
  /** How a service is called in all telemetry. */
  service(plain: string): string;
  /** How the alarm calls a measure. */
  metric(measure: MeasureName): string;
  /** File name to text. */
  metrics(measures: readonly Measure[], atMs: Clock): Files;
  logs(lines: readonly Line[], atMs: Clock): Files;
  spans(spans: readonly Span[], atMs: Clock): Files;
}

export type Files = Readonly<Record<string, string>>;
/** Epoch ms of a minute of the made-up incident. */
export type Clock = (minute: number) => number;

type Row = Readonly<Record<string, unknown>>;

export const jsonl = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(row)).join("\n");

export function csv(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: unknown) => {
    const text =
      value === undefined || value === null
        ? ""
        : typeof value === "object"
          ? JSON.stringify(value)
          : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map((row) => columns.map((name) => cell(row[name])).join(","));
  return [columns.join(","), ...lines].join("\n");
}

/** Running totals per key, as counters of Prometheus show them. */
export function totals(): (key: string, increase: number) => number {
  const sums = new Map<string, number>();
  return (key, increase) => {
    const sum = (sums.get(key) ?? 1000) + increase;
    sums.set(key, sum);
    return sum;
  };
}

export const secondsPerStep = stepMinutes * 60;
export const iso = (ms: number) => new Date(ms).toISOString();
