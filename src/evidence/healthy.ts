import type { Finding } from "../core/evidence.ts";
import { severityRank } from "../core/query.ts";
import type { AlarmSignal } from "./alarm-signal.ts";
import type { ServiceScore } from "./causes/service-ranking.ts";
import type { Sign } from "./causes/signs.ts";
import type { DiagnosisContext } from "./context.ts";
import { serviceHealth } from "./health.ts";
import { isMaterialLoss, measuredHarm } from "./impact/measured-harm.ts";
import { meaningOf } from "./metrics/metric-meaning.ts";
import { say } from "./statement.ts";

export interface HealthVerdict {
  readonly isHealthy: boolean;
  /** What it rests on: the alarm's signal is within its noise, or did not reach its threshold. */
  readonly ground: "noise" | "threshold" | "quiet";
  /** Neither objectives nor KPIs nor requests show harm, though they were read. */
  readonly isHarmless: boolean;
  /** 0..1: that nothing is wrong. */
  readonly confidence: number;
  readonly findings: readonly Finding[];
}

/** Harm may look this strong by chance alone. */
const quietHarmMax = 0.4;
/** Less than this shows in some of many services by chance. */
const notedHarm = 0.2;
/** Deviations at which a moved series counts half as harm. */
const deviationsHalf = 25;
/** Resources keep closer to their level than latencies and errors do. */
const resourceHalf = 12;

/** Share of requests failing anew at which they count half as harm, and fewest that count. */
const failedHalf = 0.015;
const newFailuresMin = 5;

/**
 * Nothing is wrong when the alarm's own signal stays within its noise, nothing else harmful lasts
 * and no KPI lost anything; nor when it strays, but stays short of the alarm's threshold, and no
 * objective, KPI or request of its service shows harm. Without the alarm's signal a quiet estate is
 * only weak evidence of health: it is concluded where somebody merely asks, much was read, no
 * signal left its past and no budget burns.
 */
export function healthVerdict(
  context: DiagnosisContext,
  signal: AlarmSignal,
  ranking: readonly ServiceScore[],
  business: readonly Finding[],
  objectives: readonly Finding[] = [],
): HealthVerdict {
  const isBurning = objectives.some(
    (finding) => (finding.facts?.sloStatus?.burnRate ?? 0) >= burnMin,
  );
  const harms = ranking.map(({ signs }) => harmOfService(signs));
  const harm = Math.max(failureHarm(context), together(harms.filter((item) => item >= notedHarm)));
  const lost = business.some(isMaterialLoss);
  const quiet = Math.max(0, 1 - harm / quietHarmMax);
  const isHarmless = measuredHarm(context, business, objectives) === "none";
  if (signal.kind === "normal" && harm < quietHarmMax && !lost) {
    return {
      ...{ isHealthy: true, ground: "noise", isHarmless, confidence: 0.5 + 0.45 * quiet },
      findings: [quietFinding(context)],
    };
  }
  if (signal.kind === "abnormal" && signal.shortOf !== null && isHarmless) {
    return { isHealthy: true, ground: "threshold", isHarmless, confidence: 0.7, findings: [] };
  }
  const isFree = isOpenQuestion(context) && context.onset === null && isWellSeen(context);
  const isHealthy = isFree && harm < openHarmMax && !lost && !isBurning;
  const confidence = isHealthy ? 0.5 + 0.25 * (1 - harm / openHarmMax) : 0.02;
  const findings = isHealthy ? [quietFinding(context)] : [];
  return { isHealthy, ground: "quiet", isHarmless, confidence, findings };
}

/** A burn rate that tickets, at least: SRE Workbook, chapter 5. */
const burnMin = 6;
/** With no alarm to check, hardly any harm may show before nothing is called wrong. */
const openHarmMax = 0.25;
/** Signals of requests that must have been read for their silence to mean something. */
const requestSignalsMin = 4;
const complaint =
  /slow|fail|error|down\b|broken|outage|timeout|5\d\d|crash|wrong with|complain|report|cannot|can't|遅|落ち|障害|失敗|エラー|止ま|使えない|報告/i;

/**
 * Somebody asks whether all is well, without a signal and without a complaint: those are harm seen.
 */
function isOpenQuestion({ alarm }: DiagnosisContext): boolean {
  const isMeasured = alarm.metric !== null || alarm.observed !== null || alarm.threshold !== null;
  return !isMeasured && !complaint.test(`${alarm.name} ${alarm.summary ?? ""}`);
}

/** Errors and latencies were read, as metrics or in spans. */
function isWellSeen({ observations }: DiagnosisContext): boolean {
  const telling = [...observations.series, ...observations.spanSeries].filter((series) =>
    ["errors", "latency", "availability"].includes(meaningOf(series).signal),
  );
  return telling.length >= requestSignalsMin;
}

/**
 * Harm of the service whose requests fail most beyond normal time, 0..1. Failures of a few minutes
 * leave the level of a long window where it was, and are counted all the same.
 */
function failureHarm({ observations, periods, slos }: DiagnosisContext): number {
  const harms = serviceHealth(observations, periods, slos).map((item) => {
    const usual = item.baselineFailedShare ?? 0;
    const excess = Math.max(0, (item.failedShare ?? 0) - usual);
    const isMany = excess * (item.requests ?? 0) >= newFailuresMin && excess >= usual;
    return isMany ? excess ** 2 / (excess ** 2 + failedHalf ** 2) : 0;
  });
  return Math.max(0, ...harms);
}

/** Harm of one service, 0..1: of each kind of sign and resource the worst counts. */
function harmOfService(signs: readonly Sign[]): number {
  const worst = new Map<string, number>();
  for (const sign of signs) {
    const kind = `${sign.kind} ${sign.kind === "resource" ? sign.resource : ""}`;
    worst.set(kind, Math.max(worst.get(kind) ?? 0, harmOf(sign)));
  }
  return together([...worst.values()]);
}

/** What shows in several ways, or in several services, is less likely chance than any of it. */
function together(harms: readonly number[]): number {
  return 1 - harms.reduce((free, harm) => free * (1 - harm), 1);
}

/**
 * What hurts users or runs full, by its own size: shares of a loss say nothing about how large it
 * is, and a line that is merely new or missing hurts nobody.
 */
function harmOf(sign: Sign): number {
  switch (sign.kind) {
    case "latency-mass":
    case "error-mass":
    case "network-gap":
      return 0;
    case "metric":
    case "resource": {
      const size = Math.abs(sign.shift?.deviations ?? 0);
      const half = sign.kind === "resource" ? resourceHalf : deviationsHalf;
      return sign.shift?.meaning.isNode ? 0 : size ** 2 / (size ** 2 + half ** 2);
    }
    case "log": {
      const isError = severityRank(sign.log?.pattern.severity ?? "") >= severityRank("error");
      return isError && (sign.log?.deviations ?? 0) > 0 ? sign.strength : 0;
    }
    case "process":
      // Memory that only grows, or a process that does not stay up, ends in harm.
      return Math.max(sign.strength, quietHarmMax);
    default:
      return sign.strength;
  }
}

function quietFinding({ observations }: DiagnosisContext): Finding {
  return {
    key: "normal:quiet",
    layer: "application",
    kind: "normal",
    ...say("finding.quiet", { series: observations.series.length }),
    window: observations.window,
    provenance: observations.provenance["metric-series"] ?? [],
    weight: 0.5,
  };
}
