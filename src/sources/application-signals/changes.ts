import type { ChangeEvent } from "@aws-sdk/client-application-signals";
import { limits } from "../../core/limits.ts";
import type { Gap } from "../../core/outcome.ts";
import type { ChangesQuery } from "../../core/query.ts";
import { isWithin, toIso, type Window } from "../../core/window.ts";
import type { AwsAnswer, AwsCalls } from "../aws/answer.ts";
import { AwsStopped, awsFailure } from "../aws/faults.ts";
import { eventsLink } from "../aws/links.ts";
import { type ChangeRow, changesFrame } from "../changes/change-rows.ts";
import { inParallel } from "../cloudwatch/series.ts";
import { listEvents, listStates, type Signals } from "./reads.ts";

/** Services whose changes are read one by one. */
const servicesMax = 60;

/** Deployments and changes of configuration of the services that changed at all, newest first. */
export async function changes(
  signals: Signals,
  names: Readonly<Record<string, string>>,
  calls: AwsCalls,
  query: ChangesQuery,
  window: Window,
): Promise<AwsAnswer> {
  const states = await listStates(signals, calls, window);
  const nameOf = (name: string | undefined) => names[name ?? ""] ?? name ?? "";
  const changed = states.items.filter(
    ({ events, service }) =>
      events.length > 0 && (query.services?.includes(nameOf(service.Name)) ?? true),
  );
  const asked = changed.slice(0, servicesMax);
  const events: ChangeEvent[] = [];
  const gaps: Gap[] = [];
  let isCut = states.isCut || asked.length < changed.length;
  const jobs = asked.map(({ service, events: latest }) => async () => {
    try {
      const found = await listEvents(signals, calls, service, window);
      events.push(...found.items);
      isCut ||= found.isCut;
    } catch (error) {
      if (error instanceof AwsStopped) throw error;
      // Its newest changes are known already; only the older ones are missing.
      events.push(...latest);
      const { reason, message } = awsFailure(error);
      const what = `older changes of ${nameOf(service.Name)} in Application Signals`;
      gaps.push({
        what,
        why: `${reason}: ${message}`,
        effect: "only its newest changes are known",
        signal: "changes",
        isPartial: true,
      });
    }
  });
  await inParallel(jobs, 5);
  const rows = [...new Map(events.map((event) => rowOf(event, nameOf)).map(keyed)).values()]
    .filter(({ at }) => isWithin(at, window))
    .sort((a, b) => b.at - a.at);
  const kept = rows.slice(0, Math.min(query.limit ?? limits.rowsDefault, limits.rowsMax));
  return {
    frame: changesFrame(kept),
    query: `ListServiceStates, ListEntityEvents of ${asked.length} changed services`,
    truncated: isCut || kept.length < rows.length,
    gaps,
    link: eventsLink(signals.region, window),
    reasons: [`none of ${states.items.length} services changed in this time`],
  };
}

/** The same change may come back for a service and for what it runs on. */
function keyed(row: ChangeRow): readonly [string, ChangeRow] {
  return [`${row.ref}\0${row.service}`, row];
}

function rowOf(event: ChangeEvent, nameOf: (name: string | undefined) => string): ChangeRow {
  const at = event.Timestamp?.getTime() ?? Number.NaN;
  const service = nameOf(event.Entity?.Name ?? event.Entity?.Identifier);
  const id = event.EventId && event.EventId !== "Unknown" ? event.EventId : null;
  const isDeploy = event.ChangeEventType === "DEPLOYMENT";
  return {
    at,
    kind: isDeploy ? "deploy" : "config",
    service,
    // Only what comes from CloudTrail has an id.
    ref: id ?? `${service}@${Number.isFinite(at) ? toIso(at) : "unknown"}`,
    title: `${event.EventName ?? (isDeploy ? "deployment" : "change of configuration")} ${service}`,
    author: event.UserName ?? null,
  };
}
