import { hostname } from "node:os";
import type { Ids } from "../core/ids.ts";
import type { JobStore } from "../core/job.ts";
import type { Logger } from "../core/logger.ts";

/**
 * Name of this process among all that share a store: where it runs, its number, and a unique part.
 */
export function ownerName(ids: Ids): string {
  return `${hostname()}/${process.pid}/${ids.next("proc")}`;
}

/**
 * Takes over at once from processes of this machine that are gone, so that work goes on right after
 * a crash. Those of other machines are waited for until their leases run out.
 */
export async function takeOver(jobs: JobStore, me: string, logger: Logger): Promise<void> {
  for (const owner of await jobs.owners()) {
    const [host, pid] = owner.split("/");
    if (owner === me || host !== hostname() || isAlive(Number(pid))) continue;
    await jobs.abandon(owner);
    logger.info("owner-abandon", { owner });
  }
}

/** A process that has our own number, and is not us, had it before us. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return fault instanceof Error && "code" in fault && fault.code === "EPERM";
  }
}
