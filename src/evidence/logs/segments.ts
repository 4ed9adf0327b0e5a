import type { AttributeStats } from "../../core/rows.ts";

/**
 * A part of the traffic in which the failures lie while the rest passes: a country, a plan, a page.
 */
export interface Segment {
  readonly service: string;
  readonly key: string;
  readonly value: string;
  /** Failures with the value, of all failures that carry the key. */
  readonly failures: number;
  readonly allFailures: number;
  /** Share of the segment that fails. */
  readonly failingShare: number;
}

const failuresMin = 5;
const shareMin = 0.8;
const ownShareMin = 0.7;
const passingMin = 5;
/** Keys that say how a call ended or where it ran, not which calls they are. */
const outcomeKey =
  /status|error|exception|reason|result|version|host|pod|instance|node|thread|process|trace|span|port|address|method|sampling|peer|url|sdk|otel/i;

/** Attribute values that nearly all failures share and that passing calls do not. */
export function findSegments(attributes: readonly AttributeStats[]): readonly Segment[] {
  return attributes
    .filter((a) => !outcomeKey.test(a.key) && a.windowErrors >= failuresMin)
    .filter((a) => a.windowErrors >= a.keyErrors * shareMin)
    .filter((a) => a.windowErrors >= a.windowCount * ownShareMin)
    .filter((a) => a.keyCount - a.keyErrors >= passingMin)
    .map((a) => ({
      service: a.service,
      key: a.key,
      value: a.value,
      failures: a.windowErrors,
      allFailures: a.keyErrors,
      failingShare: a.windowErrors / a.windowCount,
    }))
    .sort((a, b) => b.failures - a.failures || a.key.localeCompare(b.key));
}
