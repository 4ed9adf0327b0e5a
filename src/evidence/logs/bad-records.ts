import type { AttributeStats } from "../../core/rows.ts";

/** One record that is in the failures and hardly anywhere else. */
export interface BadRecord {
  readonly service: string;
  readonly key: string;
  readonly value: string;
  /** Failures that carry it, of all failures that carry the key. */
  readonly failures: number;
  readonly allFailures: number;
  /** Share of its own spans that fail. */
  readonly failingShare: number;
  /** Spans with another value of the key that pass. */
  readonly passing: number;
}

const failuresMin = 3;
/** The record must be in this share of the failures, and fail this often itself. */
const shareMin = 0.8;
const ownShareMin = 0.8;

/** Keys that name a thing processed, not a place or an outcome. */
const recordKey =
  /(^|[._-])(id|key|uuid|record|order|message|msg|event|job|sku|item|product|file|document|offset|batch|tenant|customer|account|user)([._-]?(id|key|no|number|ref|name))?$/i;
const notRecord =
  /trace|span|thread|process|host|pod|container|instance|request[._-]?id|session|correlation|status|method|route|error|version|flag/i;

/** Records common to nearly all failures while others pass: the data is at fault, not the code. */
export function findBadRecords(attributes: readonly AttributeStats[]): readonly BadRecord[] {
  return attributes
    .filter((a) => recordKey.test(a.key) && !notRecord.test(a.key))
    .filter((a) => a.windowErrors >= failuresMin && a.windowErrors >= a.keyErrors * shareMin)
    .filter((a) => a.windowErrors >= a.windowCount * ownShareMin)
    .map((a) => ({
      service: a.service,
      key: a.key,
      value: a.value,
      failures: a.windowErrors,
      allFailures: a.keyErrors,
      failingShare: a.windowErrors / a.windowCount,
      passing: a.keyCount - a.keyErrors - (a.windowCount - a.windowErrors),
    }))
    .filter((record) => record.passing >= failuresMin)
    .sort((a, b) => b.failures - a.failures);
}
