/**
 * Mann–Whitney rank sum of two samples as a normal deviate: positive when `now` tends to be larger.
 * Ties share their rank, and their variance is corrected for. 0 when a sample is empty or all
 * values are equal.
 */
export function rankSum(past: Float64Array, now: Float64Array): number {
  const n = past.length + now.length;
  if (past.length === 0 || now.length === 0) return 0;
  const all = [
    ...Array.from(past, (value) => ({ value, isNow: false })),
    ...Array.from(now, (value) => ({ value, isNow: true })),
  ].sort((a, b) => a.value - b.value);
  let ranks = 0;
  let ties = 0;
  for (let from = 0; from < n; ) {
    let to = from;
    while (to < n && all[to]!.value === all[from]!.value) to++;
    const length = to - from;
    ties += length ** 3 - length;
    for (let i = from; i < to; i++) if (all[i]!.isNow) ranks += (from + 1 + to) / 2;
    from = to;
  }
  const mean = (now.length * (n + 1)) / 2;
  const variance = ((past.length * now.length) / 12) * (n + 1 - ties / (n * (n - 1)));
  return variance > 0 ? (ranks - mean) / Math.sqrt(variance) : 0;
}
