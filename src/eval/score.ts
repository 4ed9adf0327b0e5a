import type { Truth } from "../core/capture.ts";
import type { Report } from "../core/report.ts";

/** How one report compares with the truth. `null` means the truth does not speak of it. */
export interface Score {
  readonly serviceRank: number | null;
  readonly hasService: boolean;
  readonly resourceRank: number | null;
  readonly hasResource: boolean;
  readonly changeExact: boolean | null;
  readonly decoyBlamed: boolean;
  readonly firstFailing: boolean | null;
  readonly blastRadiusJaccard: number | null;
  readonly remediation: boolean | null;
  readonly priority: boolean | null;
  /** Right about the whole: the service, or that nothing is wrong or no service is guilty. */
  readonly isRight: boolean;
  readonly confidence: number;
  /** Wrong first cause with confidence above 0.7. */
  readonly isConfidentlyWrong: boolean;
}

const confidentFrom = 0.7;

/** Scores a report against `truth.json`, as DESIGN section 9 lists. */
export function scoreReport(report: Report, truth: Truth): Score {
  const services = distinct(report.rootCauses.map((cause) => cause.service));
  const resources = distinct(report.rootCauses.map((cause) => cause.resource));
  const isHealthy = truth.kind !== "fault";
  const hasService = namesService(truth);
  const serviceRank = rankOf(services, truth.services);
  const blamed = report.rootCauses[0]?.change?.ref ?? null;
  const saysNothing = report.conclusion === "no-incident";
  const isRight = isHealthy
    ? saysNothing
    : hasService
      ? !saysNothing && serviceRank === 1
      : report.rootCauses[0]?.service == null;
  return {
    serviceRank: saysNothing ? null : serviceRank,
    hasService,
    resourceRank: saysNothing ? null : rankOf(resources, truth.resources),
    hasResource: truth.resources.length > 0,
    changeExact: truth.changes ? changeIsRight(blamed, truth.changes) : null,
    decoyBlamed: blamed !== null && truth.decoys.some((decoy) => sameRef(decoy, blamed)),
    firstFailing: hasService ? truth.services.includes(report.firstFailing ?? "") : null,
    blastRadiusJaccard: truth.blastRadius ? jaccard(report.blastRadius, truth.blastRadius) : null,
    remediation: truth.remediation ? report.actions[0]?.kind === truth.remediation : null,
    priority: truth.priority ? report.priority.level === truth.priority : null,
    isRight,
    confidence: report.confidence,
    isConfidentlyWrong: !isRight && report.confidence > confidentFrom,
  };
}

/** The score of a run that ended without a report: wrong in everything the truth speaks of. */
export function scoreMissing(truth: Truth): Score {
  const hasService = namesService(truth);
  return {
    serviceRank: null,
    hasService,
    resourceRank: null,
    hasResource: truth.resources.length > 0,
    changeExact: truth.changes ? false : null,
    decoyBlamed: false,
    firstFailing: hasService ? false : null,
    blastRadiusJaccard: truth.blastRadius ? 0 : null,
    remediation: truth.remediation ? false : null,
    priority: truth.priority ? false : null,
    isRight: false,
    confidence: 0,
    isConfidentlyWrong: false,
  };
}

function namesService(truth: Truth): boolean {
  return truth.kind === "fault" && truth.services.length > 0;
}

/** 1-based place of the first acceptable answer, or null. */
function rankOf(answers: readonly string[], accepted: readonly string[]): number | null {
  const wanted = new Set(accepted.map(normal));
  const place = answers.findIndex((answer) => wanted.has(normal(answer)));
  return place < 0 ? null : place + 1;
}

function changeIsRight(blamed: string | null, guilty: readonly string[]): boolean {
  if (guilty.length === 0) return blamed === null;
  return blamed !== null && guilty.some((ref) => sameRef(ref, blamed));
}

/** Short and long forms of a commit hash name the same change. */
function sameRef(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= 7 && /^[0-9a-f]+$/i.test(short) && long.startsWith(short);
}

/** Size of the intersection over size of the union; two empty sets are equal. */
export function jaccard(a: readonly string[], b: readonly string[]): number {
  const left = new Set(a.map(normal));
  const right = new Set(b.map(normal));
  const union = new Set([...left, ...right]);
  if (union.size === 0) return 1;
  return [...left].filter((each) => right.has(each)).length / union.size;
}

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.flatMap((value) => value ?? []))];
}

function normal(name: string): string {
  return name.trim().toLowerCase();
}
