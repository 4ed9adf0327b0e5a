import { join } from "node:path";
import type { Referee } from "./run.ts";
import { bin, here, run, type Served, scratch, serveFixtures, serveReal } from "./servers.ts";

const revisions = ["2026-07-28", "2025-11-25"] as const;

/** The official suite against the real server: only scenarios that name a fixture are excused. */
export const conformance: Referee = (report) => judge("real", serveReal, report);

/** The same transport with the suite's fixtures: what is excused here needs a session. */
export const conformanceFixtures: Referee = (report) => judge("fixtures", serveFixtures, report);

async function judge(
  name: string,
  start: () => Promise<Served>,
  report: Parameters<Referee>[0],
): Promise<void> {
  const server = await start();
  try {
    for (const revision of revisions) {
      const baseline = join(here, `baselines/${name}-${revision}.yml`);
      const ran = await run([
        bin("conformance"),
        ...["server", "--url", server.url, "--requirements", revision],
        ...["--expected-failures", baseline],
        ...["-o", join(scratch, `${name}-${revision}`)],
      ]);
      const total = /Total: .*/.exec(ran.out)?.[0] ?? "no total";
      const why = ran.code === 0 ? "" : `\n${summaryOf(ran.out)}`;
      report(`conformance ${name} ${revision}`, ran.code === 0, `${total}${why}`);
    }
  } finally {
    server.stop();
  }
}

function summaryOf(out: string): string {
  return out.slice(out.indexOf("=== SUMMARY ===")).slice(0, 6_000);
}
