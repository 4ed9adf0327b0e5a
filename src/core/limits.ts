/** Every shared maximum, in one place. Reaching one is reported as truncated, never silent. */
export const limits = {
  /** Rows a source returns when the query asks for no limit. */
  rowsDefault: 500,
  rowsMax: 50_000,
  seriesMax: 50_000,
  /** Groups (patterns, operations, edges, changes) that the evidence engine asks for at once. */
  groupsMax: 5_000,
  logPatternsMax: 2_000,
  spansPerTraceMax: 5_000,
  /** Traces of each period in a sample for critical paths, and spans of them all together. */
  sampledTracesMax: 300,
  sampledSpansMax: 20_000,
  /** One telemetry text shown anywhere. */
  quoteCharsMax: 300,
  /** From here on a cause is called likely; below, a report says that it is not established. */
  likelyConfidenceMin: 0.4,
  /** A tool result as text for a model. */
  toolResultCharsMax: 12_000,
  findingsPerToolMax: 25,
  chartPointsMax: 240,
  /** A whole investigation with the built-in analyst. */
  toolCallsMax: 40,
  secondsMax: 300,
  bytesScannedMax: 20_000_000_000,
  readTimeoutMs: 60_000,
  incidentTitleCharsMax: 150,
  /** Alarms of one incident that become evidence; the incident lists more. */
  joinedAlarmsMax: 50,
} as const;
