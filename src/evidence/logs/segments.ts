import type { AttributeStats } from "../../core/rows.ts";

/**
 * A part of the traffic in which the failures lie while the rest passes: a country, a plan, a page,
 * or a single record.
 */
export interface Segment {
  readonly service: string;
  readonly key: string;
  readonly value: string;
  /** One thing that was processed, so that the data is at fault rather than the code. */
  readonly isRecord: boolean;
  /** Failures with the value, of all failures that carry the key. */
  readonly failures: number;
  readonly allFailures: number;
  /** Share of the segment that fails. */
  readonly failingShare: number;
  /** Spans with another value of the key that pass. */
  readonly passing: number;
}

/** What must be seen; a record is a single thing, so fewer failures tell, and nearly all must be. */
const enough = { failures: 5, passing: 5, failingShare: 0.7 };
const enoughOfRecord = { failures: 3, passing: 3, failingShare: 0.8 };
/** Share of all failures that must carry the value. */
const shareMin = 0.8;
/** Keys that say how a call ended or where it ran, not which calls they are. */
const outcomeKey =
  /status|error|exception|reason|result|version|host|pod|instance|node|thread|process|trace|span|port|address|method|sampling|peer|url|sdk|otel/i;
/** Keys that name a thing processed, and those of them that name a request or a setting. */
const recordKey =
  /(^|[._-])(id|key|uuid|record|order|message|msg|event|job|sku|item|product|file|document|offset|batch|tenant|customer|account|user)([._-]?(id|key|no|number|ref|name))?$/i;
const notRecord = /container|request[._-]?id|session|correlation|route|flag/i;

/** Attribute values that nearly all failures share and that passing calls do not. */
export function findSegments(attributes: readonly AttributeStats[]): readonly Segment[] {
  return attributes
    .filter(({ key }) => !outcomeKey.test(key))
    .map((stats) => ({
      service: stats.service,
      key: stats.key,
      value: stats.value,
      isRecord: recordKey.test(stats.key) && !notRecord.test(stats.key),
      failures: stats.windowErrors,
      allFailures: stats.keyErrors,
      failingShare: stats.windowErrors / stats.windowCount,
      passing: stats.keyCount - stats.keyErrors - (stats.windowCount - stats.windowErrors),
    }))
    .filter(isTelling)
    .sort((a, b) => b.failures - a.failures || a.key.localeCompare(b.key));
}

function isTelling(segment: Segment): boolean {
  const least = segment.isRecord ? enoughOfRecord : enough;
  return (
    segment.failures >= least.failures &&
    segment.failures >= segment.allFailures * shareMin &&
    segment.failingShare >= least.failingShare &&
    segment.passing >= least.passing
  );
}
