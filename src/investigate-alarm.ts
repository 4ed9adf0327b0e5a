import type { Alarm } from "./core/alarm.ts";
import { readAlarms } from "./core/row-readers.ts";
import type { AlarmRow } from "./core/rows.ts";
import type { Telemetry } from "./core/source.ts";
import type { Window } from "./core/window.ts";

/** An alarm's own periods do not make the window longer than this. */
const windowMaxMs = 24 * 3_600_000;

/** The alarm as the telemetry system itself knows it, and the time that is worth looking at. */
export interface KnownAlarm {
  readonly alarm: Alarm;
  readonly window: Window;
}

/**
 * Asks the telemetry system about the alarm that came in. Its own periods widen the window (an
 * alarm of three hourly points is as old as three hours when it fires), and the alarms that a
 * composite one is made of name the service and stand in its labels. What cannot be asked changes
 * nothing.
 */
export async function knowAlarm(
  telemetry: Telemetry,
  alarm: Alarm,
  window: Window,
): Promise<KnownAlarm> {
  const isAnswered = telemetry.sources.some((source) => source.answers.includes("alarms"));
  // A person's question has no alarm behind it.
  if (!isAnswered || alarm.sender === "question") return { alarm, window };
  const reading = await telemetry.read({ kind: "alarms", names: [alarm.name] }, window);
  const rows = reading.kind === "data" ? readAlarms(reading.frame) : [];
  const own = rows.find((row) => row.name === alarm.name);
  if (!own) return { alarm, window };
  return {
    alarm: { ...alarm, service: alarm.service ?? own.service, labels: labelsOf(alarm, own, rows) },
    window: own.suggested ? widened(window, own.suggested) : window,
  };
}

function labelsOf(alarm: Alarm, own: AlarmRow, rows: readonly AlarmRow[]): Alarm["labels"] {
  const children = rows.filter((row) => row.name !== own.name && row.children.length === 0);
  const firing = children.filter((row) => row.state === "firing" || row.firings > 0);
  return {
    ...alarm.labels,
    ...(children.length > 0
      ? { children: (firing.length > 0 ? firing : children).map(({ name }) => name).join(",") }
      : {}),
    ...(own.isFlapping ? { flapping: `fired ${own.firings} times` } : {}),
  };
}

/**
 * Both together, ending where the window ends at the earliest; cut at its beginning when too long.
 */
function widened(window: Window, suggested: Window): Window {
  const to = window.to;
  const from = Math.min(window.from, suggested.from);
  return { from: Math.max(from, Math.min(window.from, to - windowMaxMs)), to };
}
