import { describe, expect, it } from "vitest";
import type { Incident } from "../core/incident.ts";
import type { InvestigationRequest } from "../core/investigation-request.ts";
import type { Report } from "../core/report.ts";
import { slackChannelFor, slackLanguageIn, slackSettingsSchema } from "../core/slack-settings.ts";
import { investigateHandler } from "./investigate.ts";

const settings = slackSettingsSchema.parse({
  alarmChannel: "C1",
  routes: [{ service: "checkout", channel: "C2" }],
  channels: { C2: { language: "ja" } },
});

const incident = {
  id: "inc_1",
  service: "checkout",
  alarms: [],
  mergedInto: null,
} as unknown as Incident;

describe("the job of an investigation", () => {
  it("writes the report in the language of the channel that it will be posted to", async () => {
    const asked: InvestigationRequest[] = [];
    const handler = investigateHandler({
      analyst: {
        subscribe: () => () => {},
        incident: async () => incident,
        investigate: async (request: InvestigationRequest) => {
          asked.push(request);
          return { id: "r", usage: { costUsd: 0 } } as Report;
        },
      } as unknown as Parameters<typeof investigateHandler>[0]["analyst"],
      jobs: {} as Parameters<typeof investigateHandler>[0]["jobs"],
      clock: { now: () => 0 },
      notifiers: [],
      languageFor: (one) => slackLanguageIn(settings, slackChannelFor(settings, one) ?? ""),
    });
    const job = { payload: { incident: "inc_1" } } as Parameters<typeof handler.run>[0];
    await handler.run(job, new AbortController().signal);
    expect(asked.map(({ language }) => language)).toEqual(["ja"]);
  });

  it("leaves the language to the installation where no channel says", () => {
    expect(slackChannelFor(settings, { ...incident, service: "search" })).toBe("C1");
    expect(slackLanguageIn(settings, "C1")).toBeNull();
    expect(slackLanguageIn({ ...settings, language: "ja" }, "C1")).toBe("ja");
  });
});
