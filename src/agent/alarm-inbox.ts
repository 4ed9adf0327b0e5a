import type { Finding } from "../core/evidence.ts";
import { findingStatements } from "../core/finding-statements.ts";
import type { IncidentAlarm } from "../core/incident.ts";
import { limits } from "../core/limits.ts";
import { fill } from "../core/message.ts";
import { cleanLine, cleanText } from "../core/redaction.ts";
import type { Step } from "../core/step.ts";
import { toIso } from "../core/window.ts";

/** Alarms wait here for the next turn of a running investigation. */
export class AlarmInbox {
  readonly #known: Set<string>;
  #waiting: IncidentAlarm[] = [];

  /** `own` is the fingerprint of the alarm that the run is about. */
  constructor(own: string | null = null) {
    this.#known = new Set(own === null ? [] : [own]);
  }

  /** A repeat of an alarm that is known counts at the incident, not here. */
  put(joined: IncidentAlarm): void {
    const { fingerprint, state } = joined.alarm;
    if (state !== "firing" || this.#known.has(fingerprint)) return;
    if (this.#known.size > limits.joinedAlarmsMax) return;
    this.#known.add(fingerprint);
    this.#waiting.push(joined);
  }

  take(): readonly IncidentAlarm[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  /** A run that goes on has heard of these before. */
  forget(fingerprints: readonly string[]): void {
    for (const each of fingerprints) this.#known.add(each);
    this.#waiting = this.#waiting.filter(({ alarm }) => !fingerprints.includes(alarm.fingerprint));
  }
}

/** Evidence from an alarm that belongs to the incident beside the one it was opened for. */
export function joinedFinding({ alarm, firstAt, reasons }: IncidentAlarm): Finding {
  const at = alarm.firedAt;
  const params = {
    name: cleanLine(alarm.name, 120),
    service: cleanLine(alarm.service ?? "?", 80),
    when: toIso(at),
  };
  const id = alarm.service === null ? "finding.alarm-joined-unplaced" : "finding.alarm-joined";
  const window = { from: at, to: Math.max(at, firstAt) };
  return {
    key: joinedKey(alarm.fingerprint),
    layer: "application",
    kind: "alarm",
    ...(alarm.service === null ? {} : { service: alarm.service }),
    ...(alarm.resource === null ? {} : { resource: alarm.resource }),
    statement: fill(findingStatements[id], params),
    message: { id, params },
    ...(alarm.observed === null ? {} : { value: alarm.observed }),
    ...(alarm.threshold === null ? {} : { baseline: alarm.threshold }),
    at,
    window,
    provenance: [
      {
        source: alarm.sender,
        signal: "alarms",
        query: cleanLine(`alarm ${alarm.fingerprint}: ${reasons.join("; ")}`),
        window,
        tookMs: 0,
        rows: 1,
        bytesScanned: 0,
        truncated: false,
        ...(alarm.link === null ? {} : { link: alarm.link }),
      },
    ],
    ...(alarm.summary ? { quote: cleanText(alarm.summary) } : {}),
    weight: 0.3,
  };
}

const keyPrefix = "alarm-joined:";

function joinedKey(fingerprint: string): string {
  return `${keyPrefix}${fingerprint}`;
}

/** True for evidence that an alarm brought, not a read. */
export function isJoined(finding: Pick<Finding, "key">): boolean {
  return finding.key.startsWith(keyPrefix);
}

/** Fingerprints of the alarms that an interrupted run had taken in. */
export function heardOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) =>
    step.kind === "evidence-added" && isJoined(step.evidence)
      ? [step.evidence.key.slice(keyPrefix.length)]
      : [],
  );
}
