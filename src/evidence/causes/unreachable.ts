import type { Observations } from "../../core/rows.ts";
import type { EpochMs } from "../../core/window.ts";
import { knownServices, namesService } from "./service-names.ts";
import type { Symptom, Symptoms } from "./symptoms.ts";

/** A service that others cannot reach: it may be down, and then reports nothing itself. */
export interface Unreachable {
  /** Share of each complaining service's failing lines that say so. */
  readonly by: ReadonlyMap<string, number>;
  readonly lines: number;
  /** First such line in the window. */
  readonly since: EpochMs;
}

const noConnection =
  /connect(ion)?[ _-]?(refused|reset|failed|error|closed)|failed to connect|cannot connect|could not connect|econn(refused|reset|aborted)|ehostunreach|no route to host|unreachable|socket hang up|i\/o timeout|broken pipe|no healthy upstream|no endpoints/i;
/** One line or two may be a hiccup. */
const linesMin = 3;

/** Services of the system that failing lines of others name as not to be connected to. */
export function unreachableServices(
  observations: Observations,
  { texts }: Symptoms,
): ReadonlyMap<string, Unreachable> {
  const failing = texts.filter((text) => text.isError && text.source === "log");
  const lost = failing.filter(({ text }) => noConnection.test(text));
  const found = new Map<string, Unreachable>();
  for (const service of lost.length > 0 ? knownServices(observations) : []) {
    const naming = lost.filter((s) => s.service !== service && namesService(s.text, service));
    const lines = count(naming);
    if (lines < linesMin) continue;
    const by = new Map(
      [...Map.groupBy(naming, (symptom) => symptom.service)].map(([caller, own]) => [
        caller,
        count(own) / count(failing.filter((symptom) => symptom.service === caller)),
      ]),
    );
    found.set(service, { by, lines, since: Math.min(...naming.map((symptom) => symptom.at)) });
  }
  return found;
}

function count(symptoms: readonly Symptom[]): number {
  return symptoms.reduce((sum, symptom) => sum + symptom.count, 0);
}
