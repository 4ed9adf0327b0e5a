import type { Edge } from "../core/rows.ts";

const behindQueue = /worker|consumer|cron|batch|schedul|job|daemon|loadgen|load-gen|locust|k6/i;
const asynchronous = /queue|messag|async|topic|stream|event|kafka|sqs|sns/i;
const secondary =
  /recommend|advert|(?:^|[-_])ads?(?:$|[-_])|review|rating|notif|e?mail|newsletter|analytic|report|metric|feedback|suggest|banner|history|wishlist|avatar/i;

/**
 * Services that requests enter by: callers that nobody calls, without workers and load generators.
 * A load generator's callees count in its place.
 */
export function entryPoints(topology: readonly Edge[], known: ReadonlySet<string>): string[] {
  const edges = topology.filter((edge) => !behindQueue.test(edge.from) && edge.from !== edge.to);
  const called = new Set(edges.map((edge) => edge.to));
  const callers = [...new Set(edges.map((edge) => edge.from))];
  const roots = callers.filter((service) => !called.has(service));
  if (roots.length > 0) return roots;
  return [...known].filter((service) => /front|gateway|edge|web|site|portal|bff/i.test(service));
}

/** True when a user's request reaches the service while the user waits. */
export function isOnUserPath(
  service: string,
  facing: readonly string[],
  topology: readonly Edge[],
): boolean {
  if (facing.length === 0 || topology.length === 0) return !behindQueue.test(service);
  const reached = new Set(facing);
  const open = [...facing];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const edge of topology) {
      if (edge.from !== at || reached.has(edge.to) || asynchronous.test(edge.kind)) continue;
      reached.add(edge.to);
      open.push(edge.to);
    }
  }
  return reached.has(service);
}

/** A name that speaks of something users can do without for a while; settings know better. */
export function looksSecondary(service: string): boolean {
  return secondary.test(service);
}
