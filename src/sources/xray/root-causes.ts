import type {
  ErrorRootCause,
  FaultRootCause,
  TraceSummary as XrayTraceSummary,
} from "@aws-sdk/client-xray";

type Names = Readonly<Record<string, string>>;

/** Where one failure of a trace began. */
export interface FailureOrigin {
  readonly service: string;
  /** What was thrown there, `TypeError: …`. */
  readonly exceptions: readonly string[];
}

const exceptionCharsMax = 500;

/**
 * Where the failures of a trace began, as X-Ray works it out for every trace that it keeps: whole
 * traces, which cost a call for five of them, are read of some only. An inferred service is one
 * that sends no traces of its own (a database, a partner): its failure shows on the call of who
 * asked it. https://docs.aws.amazon.com/xray/latest/api/API_TraceSummary.html
 */
export function failureOrigins(trace: XrayTraceSummary, names: Names): readonly FailureOrigin[] {
  const { FaultRootCauses: faults = [], ErrorRootCauses: errors = [] } = trace;
  return [...faults, ...errors].flatMap((cause) => originOf(cause, names));
}

function originOf(
  { Services: path = [] }: FaultRootCause | ErrorRootCause,
  names: Names,
): readonly FailureOrigin[] {
  const at = path.findLastIndex(({ Name: name, Inferred: isInferred }) => name && !isInferred);
  const name = path[at]?.Name;
  if (!name) return [];
  const entities = path.slice(at).flatMap(({ EntityPath: all = [] }) => all);
  const exceptions = entities
    .flatMap(({ Exceptions: all = [] }) => all)
    .map(({ Name: type, Message: message }) => [type, message].filter(Boolean).join(": "))
    .filter(Boolean)
    .map((words) => words.slice(0, exceptionCharsMax));
  return [{ service: names[name] ?? name, exceptions: [...new Set(exceptions)] }];
}

/** Failing traces of which X-Ray must tell where they failed, for that to stand for all of them. */
const toldShareMin = 0.5;

/**
 * Faults and throttles that began in each service, over some traces; null where X-Ray tells of too
 * few. Other answers of 4xx are the asker's fault.
 */
export function originCounts(
  traces: readonly XrayTraceSummary[],
  names: Names,
): ReadonlyMap<string, number> | null {
  const failing = traces.filter(({ HasFault: hasFault, HasThrottle: isThrottled }) => {
    return hasFault || isThrottled;
  });
  const counts = new Map<string, number>();
  let told = 0;
  for (const trace of failing) {
    const { FaultRootCauses: faults = [], ErrorRootCauses: errors = [] } = trace;
    const origins = (trace.HasThrottle ? [...faults, ...errors] : faults).flatMap((cause) =>
      originOf(cause, names),
    );
    told += Math.min(1, origins.length);
    for (const { service } of origins) counts.set(service, (counts.get(service) ?? 0) + 1);
  }
  if (told < toldShareMin * failing.length) return null;
  const scale = failing.length / Math.max(1, told);
  return new Map([...counts].map(([service, count]) => [service, count * scale]));
}
