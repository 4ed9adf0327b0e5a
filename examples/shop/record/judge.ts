import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "../faults/fault.ts";

/** What a recording measured about its own truth. */
interface Measured {
  onset: string | null;
  guilty: string[];
  decoys: string[];
}

/** The truth of a recording: what was measured, and what a careful person says about it. */
export function truthOf({ truth }: Fault, { onset, guilty, decoys }: Measured) {
  return {
    kind: truth.kind,
    services: truth.services,
    resources: truth.resources,
    changes: guilty,
    decoys,
    blastRadius: truth.blastRadius,
    remediation: truth.remediation,
    priority: truth.priority,
    priorityReason: truth.priorityReason,
    onset,
  };
}

/** Writes the judgement of each fault into its recording anew; telemetry and times stay. */
export async function judgeAll(
  faults: readonly Fault[],
  incidentsDir: string,
  say: (text: string) => void,
): Promise<void> {
  for (const fault of faults) {
    const file = join(incidentsDir, fault.folder, "truth.json");
    if (!existsSync(file)) continue;
    const { onset, changes, decoys } = JSON.parse(await readFile(file, "utf8"));
    const truth = truthOf(fault, { onset, guilty: changes, decoys });
    await writeFile(file, `${JSON.stringify(truth, null, 2)}\n`);
    say(`judged ${fault.folder}`);
  }
}
