import type { Report } from "../../core/report.ts";
import type { Store } from "../../core/store.ts";
import { similarTo } from "../../report/similar.ts";

/** Newest incidents compared with; older ones have little left to teach. */
const incidentsMax = 40;

/** Earlier incidents like this one, from the newest that have a report. */
export async function seenBefore(
  report: Report,
  store: Pick<Store, "incidents" | "reports">,
): Promise<Report["similar"]> {
  const states = ["reported", "resolved"] as const;
  const incidents = await store.incidents.list({ states, limit: incidentsMax });
  const past = await Promise.all(
    incidents.map(async ({ id }) => ({ incident: id, report: await store.reports.get(id) })),
  );
  return similarTo(
    report,
    past.flatMap(({ incident, report: earlier }) =>
      earlier ? [{ incident, report: earlier }] : [],
    ),
  );
}
