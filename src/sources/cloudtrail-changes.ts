import type { Event } from "@aws-sdk/client-cloudtrail";
import { z } from "zod";
import { limits } from "../core/limits.ts";
import type { ChangesQuery, SignalQuery } from "../core/query.ts";
import type { Source, SourceContext, SourceDefinition } from "../core/source.ts";
import { isWithin, type Window } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { placeOf } from "./aws/account-pace.ts";
import { type AwsAnswer, type AwsCalls, awsOutcome, awsProbe, nothing } from "./aws/answer.ts";
import { type AwsSettings, awsClientConfig, awsSettings } from "./aws/client.ts";
import { everyPage } from "./aws/every-page.ts";
import { AwsRefusal } from "./aws/faults.ts";
import { lazyClient } from "./aws/lazy-client.ts";
import { eventsLink } from "./aws/links.ts";
import { changesFrame } from "./changes/change-rows.ts";
import { changesOfEvent } from "./changes/cloudtrail-events.ts";

const settings = awsSettings.extend({
  /** Pages of 50 events that one read follows; LookupEvents answers two per second. */
  pagesMax: z.number().int().positive().max(200).default(40),
});
type Settings = z.infer<typeof settings>;

/** Changes of an account: the event history of CloudTrail without its reads. */
export const cloudtrail: SourceDefinition<typeof settings> = {
  kind: "cloudtrail",
  title: "CloudTrail event history",
  settings,
  permissions: ["cloudtrail:LookupEvents"],
  async open(name, own) {
    return openCloudTrail(name, own);
  },
};

/** The event history goes back this far. */
const keptMs = 90 * 86_400_000;

async function openClient(own: AwsSettings) {
  const sdk = await import("@aws-sdk/client-cloudtrail");
  const client = new sdk.CloudTrailClient(awsClientConfig(own));
  return { sdk, client, region: await client.config.region() };
}
type Trail = Awaited<ReturnType<typeof openClient>>;

function openCloudTrail(name: string, own: Settings): Source {
  const lazy = lazyClient(() => openClient(own));
  const place = placeOf(own);
  return {
    name,
    signals: ["changes"],
    answers: ["changes"],
    guide: "Management events of CloudTrail that changed something, in the last 90 days.",
    probe: (context) =>
      awsProbe(place, context, async (calls) => {
        const to = systemClock.now();
        const { events } = await lookUp(await lazy.get(), calls, { from: to - 86_400_000, to }, 1);
        const words = `${events.length} changing events on the first page of the last day`;
        return { state: "ready", lines: [words, "event history is kept for 90 days"] };
      }),
    run: (query: SignalQuery, window: Window, context: SourceContext) =>
      awsOutcome({ source: name, place, query, window }, context, async (calls) => {
        if (query.kind !== "changes") {
          throw new AwsRefusal("unsupported", `CloudTrail does not answer ${query.kind}.`);
        }
        return changes(own, await lazy.get(), calls, query, window);
      }),
    close: () => lazy.close(),
  };
}

/** Events that changed something, newest first; reads are left out by CloudTrail itself. */
async function lookUp(
  { sdk, client }: Trail,
  calls: AwsCalls,
  window: Window,
  pagesMax: number,
): Promise<{ readonly events: readonly Event[]; readonly isCut: boolean }> {
  const events: Event[] = [];
  const isCut = await everyPage(pagesMax, async (token) => {
    const answer = await calls.call("cloudtrail:LookupEvents", (abortSignal) =>
      client.send(
        new sdk.LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: "ReadOnly", AttributeValue: "false" }],
          StartTime: new Date(window.from),
          EndTime: new Date(window.to),
          ...(token ? { NextToken: token } : {}),
        }),
        { abortSignal },
      ),
    );
    events.push(...(answer.Events ?? []));
    return answer.NextToken;
  });
  return { events, isCut };
}

async function changes(
  own: Settings,
  trail: Trail,
  calls: AwsCalls,
  query: ChangesQuery,
  window: Window,
): Promise<AwsAnswer> {
  const text = "LookupEvents ReadOnly=false, without sign-ins, sessions and log writes";
  const now = systemClock.now();
  const oldest = now - keptMs;
  if (window.from >= now || window.to <= oldest) {
    const why = window.from >= now ? "the window has not begun" : "history is kept for 90 days";
    return nothing(text, [why], "Ask for a window in the last 90 days.");
  }
  const { events, isCut } = await lookUp(trail, calls, window, own.pagesMax);
  const rows = events
    .flatMap((event) => changesOfEvent(event, own.services))
    .filter((row) => isWithin(row.at, window))
    .filter((row) => !query.services || row.service === "" || query.services.includes(row.service));
  const kept = rows.slice(0, Math.min(query.limit ?? limits.rowsDefault, limits.rowsMax));
  const isAged = window.from < oldest;
  return {
    frame: changesFrame(kept),
    query: text,
    truncated: isCut || kept.length < rows.length,
    region: trail.region,
    link: eventsLink(trail.region, window),
    reasons: [`none of ${events.length} events is a change of what was asked for`],
    gaps: isAged
      ? [
          {
            what: "CloudTrail changes before the last 90 days",
            why: "the event history is kept for 90 days",
            effect: "older changes are unknown",
            signal: "changes",
            isPartial: true,
          },
        ]
      : [],
  };
}
