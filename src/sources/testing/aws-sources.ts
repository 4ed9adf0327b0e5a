import type { QueryKind, SignalQuery } from "../../core/query.ts";
import type { Source, SourceDefinition } from "../../core/source.ts";
import { lengthMs, type Window } from "../../core/window.ts";
import { sourceDefinitions } from "../index.ts";

/** Every source that reads AWS, which its permissions tell. */
export const awsSources: readonly SourceDefinition[] = sourceDefinitions.filter(({ permissions }) =>
  permissions.some((permission) => /^[\w-]+:[A-Z]\w+$/.test(permission)),
);

/** Settings without which a source answers only some of its kinds. */
const more: Readonly<Record<string, object>> = {
  athena: {
    cloudtrailTable: "trail",
    metrics: { revenue: { sql: 'SELECT placed AS "timestamp", total AS value FROM orders' } },
  },
};

/** A text in the language of each source; that of Logs Insights where none stands here. */
const natives: Readonly<Record<string, string>> = { athena: "SELECT 1", xray: "fault = true" };

/** Opens a source at a stand-in for AWS, with a question of each kind. */
export async function openAwsSource(
  definition: SourceDefinition,
  endpoint: string,
  window: Window,
): Promise<{ readonly source: Source; readonly asked: (kind: QueryKind) => SignalQuery }> {
  const own = { region: "eu-west-1", endpoint, ...more[definition.kind] };
  const source = await definition.open("s", definition.settings.parse(own));
  const baseline = { from: window.from - lengthMs(window), to: window.from };
  const parts: Partial<Record<QueryKind, object>> = {
    "log-volume": { baseline, stepMs: 60_000 },
    "span-series": { baseline, stepMs: 60_000 },
    "log-patterns": { baseline },
    "operation-stats": { baseline },
    "metric-series": { baseline },
    trace: { traceId: "0af7651916cd43dd8448eb211c80319c" },
    native: { source: "s", text: natives[definition.kind] ?? "fields @message" },
  };
  return { source, asked: (kind) => ({ kind, ...parts[kind] }) as SignalQuery };
}
