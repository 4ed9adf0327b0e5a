/** Maximums of this face alone. */
export const httpLimits = {
  /** Body of a form or an API call, in bytes. */
  bodyBytesMax: 65_536,
  incidentsPerPage: 50,
  stepsPerAnswer: 1_000,
  alarmsPerPage: 500,
  /** Callers whose rate is remembered. */
  callersMax: 10_000,
  /** Reports whose drawn charts are remembered. */
  chartsKept: 32,
} as const;
