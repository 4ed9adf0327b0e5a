import type { Analyst } from "../core/analyst.ts";
import { UserError } from "../core/errors.ts";

/** How far back `last` looks for a report, in incidents. */
const lookedAtMax = 50;

/**
 * The id of the incident that `<incident>` names: as given, or for `last` the newest one with a
 * report. Throws `UserError` when there is none.
 */
export async function wantedIncident(analyst: Analyst, wanted: string): Promise<string> {
  if (wanted !== "last") {
    if (await analyst.incident(wanted)) return wanted;
    throw new UserError(`There is no incident "${wanted}". Give its id, or last for the newest.`);
  }
  for (const { id } of await analyst.incidents({ limit: lookedAtMax })) {
    if (await analyst.report(id)) return id;
  }
  throw new UserError("No incident has a report yet. shodo investigate makes one.");
}
