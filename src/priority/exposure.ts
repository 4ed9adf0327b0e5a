import type { Finding } from "../core/evidence.ts";
import type { Diagnosis } from "../core/hypothesis.ts";
import type { PrioritySettings } from "../core/priority.ts";
import type { EpochMs } from "../core/window.ts";
import type { Fact } from "./facts.ts";

interface ExposureSources {
  readonly diagnosis: Diagnosis;
  readonly findings: readonly Finding[];
  readonly settings: PrioritySettings;
  readonly alarm?: { readonly name: string; readonly firedAt: EpochMs };
}

/** Configured busy hours decide; otherwise the day's own curve, where a day of it was read. */
export function peakHour({ diagnosis, findings, settings, alarm }: ExposureSources): Fact<boolean> {
  const at = diagnosis.onset?.at ?? alarm?.firedAt;
  if (settings.peakHours.length > 0 && at !== undefined) {
    return { state: "measured", value: settings.peakHours.some((h) => isIn(h, at)), evidence: [] };
  }
  const shown = findings.find((finding) => finding.facts?.peakHour !== undefined);
  if (shown?.facts?.peakHour === undefined) {
    return { state: "unknown", because: "less than a day of traffic was read" };
  }
  return { state: "measured", value: shown.facts.peakHour, evidence: [shown.key] };
}

/** `18:00` to `22:00` in a time zone; an end before the start reaches over midnight. */
function isIn({ from, to, timeZone }: PrioritySettings["peakHours"][number], at: EpochMs): boolean {
  const clock = new Date(at).toLocaleTimeString("en-GB", {
    ...{ timeZone, hour: "2-digit", minute: "2-digit" },
  });
  return from <= to ? clock >= from && clock < to : clock >= from || clock < to;
}

/** Words by which systems report an attack or an exposure. */
const attackWords =
  /\b(brute.?force|credential.?stuffing|intrusion|exfiltrat\w*|privilege escalation|sql injection|(token|credential|secret|key)s? (leaked|exposed|compromised)|unauthori[sz]ed access|account takeover|ransomware|malware)\b/i;
const refusedWords =
  /\b(login failed|failed login|invalid (password|credentials)|authentication (failed|failure)|bad password|access denied|401|403)\b/i;
/** Refusals must rise by this factor, and no change explain them. */
const refusedRatioMin = 5;

/**
 * Alarms that a team names as security alarms are measured. Words in telemetry can only raise a
 * suspicion, since anyone may be able to write them, and refusals only where no change made them.
 */
export function securityBreach(sources: ExposureSources): Fact<boolean> {
  const { diagnosis, findings, settings, alarm } = sources;
  const name = alarm?.name.toLowerCase() ?? "";
  if (settings.securityAlarms.some((part) => name.includes(part.toLowerCase()))) {
    const evidence = findings.filter((item) => item.kind === "alarm").map((item) => item.key);
    return { state: "measured", value: true, evidence: evidence.slice(0, 1) };
  }
  const lines = findings.filter((finding) => finding.kind === "log-pattern" && finding.quote);
  const isByChange = diagnosis.hypotheses[0]?.change != null;
  const hit =
    lines.find((finding) => attackWords.test(finding.quote ?? "")) ??
    (isByChange ? undefined : lines.find(isRefusalSpike));
  if (!hit) return { state: "unknown", because: "nothing that was read speaks of it" };
  return { state: "assumed", value: true, because: `logs of ${hit.service ?? "a service"} say so` };
}

function isRefusalSpike({ quote = "", value = 0, baseline = 0 }: Finding): boolean {
  return refusedWords.test(quote) && value > 0 && value >= refusedRatioMin * baseline;
}

/** A regulated service in which a breach or a loss of data is measured, or suspected. */
export function regulatedBreach(
  regulated: readonly string[],
  security: Fact<boolean>,
  dataLoss: Fact<boolean>,
): Fact<boolean> {
  if (regulated.length === 0) {
    return { state: "unknown", because: "no affected service is marked as regulated" };
  }
  const facts = [security, dataLoss];
  const measured = facts.find((fact) => fact.state === "measured" && fact.value);
  if (measured) return measured;
  const suspected = facts.find((fact) => fact.state === "assumed" && fact.value);
  return suspected ?? { state: "unknown", because: "nothing that was read speaks of it" };
}
