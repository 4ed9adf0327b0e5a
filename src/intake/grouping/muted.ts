import type { Alarm } from "../../core/alarm.ts";
import { reason } from "../../core/reasons.ts";
import type { EpochMs } from "../../core/window.ts";
import type { GroupingSettings } from "./settings.ts";

/**
 * Why an alarm is only recorded: maintenance here, or suppression at its sender. Null when it
 * counts.
 */
export function mutedBy(settings: GroupingSettings, alarm: Alarm, at: EpochMs): string | null {
  const suppressedBy = alarm.labels.suppressedBy;
  if (suppressedBy) return reason("alarm.suppressed", { by: suppressedBy });
  const window = settings.maintenance.find(
    ({ from, to, services: only }) =>
      at >= from &&
      at < to &&
      (only.length === 0 || (alarm.service !== null && only.includes(alarm.service))),
  );
  return window ? reason("alarm.maintenance", { name: window.name }) : null;
}
