import type { TraceSummary as XrayTraceSummary } from "@aws-sdk/client-xray";

type SortOf = (trace: XrayTraceSummary) => string;

/** A sort of traces that is sampled at all gets so many, since fewer tell nothing of it. */
const perSortMin = 5;
/** Share of the sample that is kept for sorts that an even spread would leave below that. */
const reservedShare = 0.3;

/**
 * At most `most` of some traces: evenly spread over time, and then some more of the sorts that
 * came off with too few, most frequent first. What a shop sells is a tenth of its requests.
 */
export function pickTraces(
  all: readonly XrayTraceSummary[],
  most: number,
  sortOf: SortOf,
): readonly XrayTraceSummary[] {
  const sorted = all.toSorted((a, b) => startOf(a) - startOf(b));
  const picked = new Set(evenly(sorted, Math.ceil(most * (1 - reservedShare))));
  const sorts = [...Map.groupBy(sorted, sortOf).values()].sort((a, b) => b.length - a.length);
  for (const own of sorts) {
    const wanted = perSortMin - own.filter((trace) => picked.has(trace)).length;
    const rest = own.filter((trace) => !picked.has(trace));
    for (const trace of evenly(rest, Math.min(wanted, most - picked.size))) picked.add(trace);
  }
  const rest = sorted.filter((trace) => !picked.has(trace));
  return [...picked, ...evenly(rest, most - picked.size)];
}

/** How many of all traces each one that was read stands for: those of its sort, divided. */
export function weightsOf(
  all: readonly XrayTraceSummary[],
  read: ReadonlySet<string>,
  sortOf: SortOf,
): ReadonlyMap<string, number> {
  const sorts = [...Map.groupBy(all, sortOf).values()];
  return new Map(
    sorts.flatMap((own) => {
      const ids = own.flatMap(({ Id: id }) => (id && read.has(id) ? [id] : []));
      return ids.map((id) => [id, own.length / ids.length] as const);
    }),
  );
}

function startOf(trace: XrayTraceSummary): number {
  return trace.StartTime?.getTime() ?? 0;
}

/** At most `most` of a list in order, evenly spread over it. */
function evenly(sorted: readonly XrayTraceSummary[], most: number): readonly XrayTraceSummary[] {
  const count = Math.max(0, Math.min(most, sorted.length));
  return Array.from(
    { length: count },
    (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / count)] as XrayTraceSummary,
  );
}
