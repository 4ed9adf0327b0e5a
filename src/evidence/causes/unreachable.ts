import type { Finding } from "../../core/evidence.ts";
import type { Observations } from "../../core/rows.ts";
import type { EpochMs } from "../../core/window.ts";
import { named, type Statement, say } from "../statement.ts";
import { nameWords } from "./external-wording.ts";
import { outsideParties } from "./outside-hosts.ts";
import { coreName, knownServices, namesService, plainName } from "./service-names.ts";
import type { Symptom, Symptoms } from "./symptoms.ts";

/** A service that others cannot reach: it may be down, and then reports nothing itself. */
export interface Unreachable {
  /** Share of each complaining service's failing lines that say so. */
  readonly by: ReadonlyMap<string, number>;
  readonly lines: number;
  /** Nobody listens there: its process is gone, and the way to it is open. */
  readonly isRefused: boolean;
  /** First such line in the window. */
  readonly since: EpochMs;
}

const noConnection =
  /connect(ion)?[ _-]?(refused|reset|failed|error|closed)|failed to connect|cannot connect|could not connect|econn(refused|reset|aborted)|ehostunreach|no route to host|unreachable|socket hang up|i\/o timeout|broken pipe|no healthy upstream|no endpoints/i;
const refused = /refused|no healthy upstream|no endpoints/i;
/** One line or two may be a hiccup. */
const linesMin = 3;
/** Callers that must complain of a service without words of its own. */
const callersMin = 2;

/**
 * Services of the system that failing lines of others name as not to be connected to. Of a service
 * that has no words of its own, such as a database, complaints of several callers will do.
 */
export function unreachableServices(
  observations: Observations,
  { texts }: Symptoms,
): ReadonlyMap<string, Unreachable> {
  // Who cannot resolve a name has not got as far as the service.
  const failing = texts.filter(
    ({ isError, source, text }) => isError && source === "log" && !nameWords.test(text),
  );
  const outside = new Set(outsideParties(observations));
  const speaking = new Set([
    ...observations.logPatterns.map((pattern) => pattern.service),
    ...observations.operations.map((operation) => operation.service),
  ]);
  const found = new Map<string, Unreachable>();
  const known = failing.length > 0 ? knownServices(observations) : [];
  for (const name of known) {
    const service = fullName(name, known);
    if (outside.has(name)) continue;
    const naming = failing.filter((s) => s.service !== service && namesService(s.text, name));
    const lost = naming.filter(({ text }) => noConnection.test(text));
    const isBlamedByMany = !speaking.has(service) && callersOf(naming).length >= callersMin;
    const complaints = isBlamedByMany ? naming : lost;
    const lines = count(complaints);
    if (lines < linesMin || lines <= (found.get(service)?.lines ?? 0)) continue;
    const by = new Map(
      [...Map.groupBy(complaints, (symptom) => symptom.service)].map(([caller, own]) => [
        caller,
        count(own) / count(failing.filter((symptom) => symptom.service === caller)),
      ]),
    );
    const isRefused = lost.some(({ text }) => refused.test(text));
    found.set(service, {
      by,
      lines,
      isRefused,
      since: Math.min(...complaints.map((symptom) => symptom.at)),
    });
  }
  return found;
}

/** The service that callers call by a shorter name: `stock` is `prod/stock` and `StockService`. */
function fullName(name: string, known: readonly string[]): string {
  const core = coreName(name);
  if (name !== plainName(name)) return name;
  const longer = known.filter((other) => other.length > name.length);
  return (
    longer.find((other) => coreName(other) === core) ??
    longer.find(
      (other) => core.length >= 4 && /[a-z][A-Z]/.test(other) && coreName(other).endsWith(core),
    ) ??
    name
  );
}

/** Services with more than a line or two among these. */
function callersOf(symptoms: readonly Symptom[]): readonly string[] {
  const byService = Map.groupBy(symptoms, (symptom) => symptom.service);
  return [...byService].filter(([, own]) => count(own) >= linesMin).map(([service]) => service);
}

/** Keyed by the service that cannot be reached, not by those whose lines say so. */
export function unreachableFinding(
  service: string,
  { by, lines }: Unreachable,
  observations: Observations,
): Finding {
  return {
    key: `unreachable:${service}`,
    layer: "application",
    kind: "log-pattern",
    service,
    ...say("finding.unreachable", { service: named(service), count: lines, callers: listed(by) }),
    window: observations.window,
    provenance: observations.provenance["log-patterns"] ?? [],
    weight: 0.8,
  };
}

/** The same in one clause, for the hypothesis that blames the service. */
export function unreachableMechanism(service: string, { by }: Unreachable): Statement {
  return say("mechanism.unreachable", { service, callers: listed(by) });
}

function listed(by: ReadonlyMap<string, number>): string {
  return [...by.keys()].map(named).join(", ");
}

function count(symptoms: readonly Symptom[]): number {
  return symptoms.reduce((sum, symptom) => sum + symptom.count, 0);
}
