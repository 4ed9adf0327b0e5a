/** What a KPI lost from onset on: expected from its baseline, minus what came. */
export interface KpiLoss {
  readonly kpi: string;
  readonly service: string | null;
  readonly expected: number;
  readonly actual: number;
  /** Positive is a loss, in `unit`. */
  readonly lost: number;
  readonly lostInterval: readonly [low: number, high: number] | null;
  /** `lost` in money, when the KPI has a value per unit. */
  readonly lostValue: number | null;
  readonly currency: string | null;
  readonly unit: string;
  /** Keys of findings. */
  readonly findings: readonly string[];
}

/** How an objective stands; burn rate as in the SRE Workbook, chapter 5. */
export interface SloStatus {
  readonly name: string;
  readonly service: string;
  readonly target: number;
  /** 1 spends the whole budget in exactly the objective's window. */
  readonly burnRate: number;
  /** Share of the error budget left, 0..1; below 0 when overspent. */
  readonly budgetLeft: number;
  readonly findings: readonly string[];
}

/** How the requests of one service fared from onset on, against normal time. */
export interface ServiceHealth {
  readonly service: string;
  readonly requests: number | null;
  /** 0..1 */
  readonly failedShare: number | null;
  readonly baselineFailedShare: number | null;
  /** Slow requests' duration (p95 where known) from onset on, divided by the baseline's. */
  readonly slowdown: number | null;
  /** Requests per minute from onset on, divided by the baseline's. */
  readonly trafficRatio: number | null;
  /** Keys of findings that say so. */
  readonly findings: readonly string[];
}
