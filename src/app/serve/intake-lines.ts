import type { Config } from "../../config.ts";
import { cleanLine } from "../../core/redaction.ts";
import type { Store } from "../../core/store.ts";
import { toIso } from "../../core/window.ts";
import { systemClock } from "../../platform/clock.ts";
import { openSenders } from "./open-senders.ts";

const refusedShown = 5;
const deadShown = 5;

/**
 * What `doctor` says about alarms: who may send, what became of them, what was refused, what is
 * stuck.
 */
export async function intakeLines(config: Config, store: Store): Promise<readonly string[]> {
  const senders = openSenders(config, systemClock);
  const [counts, refused, dead] = await Promise.all([
    store.alarms.counts(),
    store.alarms.quarantined(refusedShown),
    store.jobs.list("dead", deadShown),
  ]);
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  return [
    senders.length === 0
      ? "alarms: no sender (alarms: in shodo.yaml)"
      : `alarms: ${config.alarms.map((entry) => entry.kind).join(", ")}`,
    ...(told.length > 0
      ? [`  accepted: ${told.map(([name, count]) => `${count} ${name}`).join(", ")}`]
      : []),
    `  refused and kept: ${refused.total}`,
    ...refused.newest.map(
      (item) =>
        `    ${toIso(item.at)} ${cleanLine(item.sender, 60)}: ${cleanLine(item.reason, 160)}`,
    ),
    ...dead.map(
      (job) => `  given up: ${job.kind} ${job.key}: ${cleanLine(job.lastError ?? "", 160)}`,
    ),
  ];
}
