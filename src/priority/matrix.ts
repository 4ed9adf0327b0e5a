import type { PriorityLevel, PriorityMatrix } from "../core/priority.ts";

/** Business impact (rows) by technical severity (columns), as in DESIGN section 8. */
export const matrix: PriorityMatrix = {
  critical: { critical: "P0", high: "P0", medium: "P1", low: "P1" },
  high: { critical: "P0", high: "P1", medium: "P1", low: "P2" },
  medium: { critical: "P1", high: "P2", medium: "P2", low: "P3" },
  low: { critical: "P2", high: "P2", medium: "P3", low: "P3" },
};

/** How soon a person must act. */
export const respondWithin: Readonly<Record<PriorityLevel, string>> = {
  P0: "15 minutes",
  P1: "1 hour",
  P2: "same business day",
  P3: "planned",
};
