import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Alarm } from "../../core/alarm.ts";
import { type InvestigationRequest, requestBy } from "../../core/investigation-request.ts";
import { localPrincipal } from "../../core/principal.ts";
import type { Report } from "../../core/report.ts";
import type { Window } from "../../core/window.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { capturedAccount } from "../../sources/testing/aws-account.ts";
import { changesLake } from "../../sources/testing/changes-lake.ts";
import {
  fakeAwsCredentials,
  isMotoThere,
  type Moto,
  motoNote,
  startMoto,
} from "../../sources/testing/moto.ts";
import { openAnalyst } from "../open-analyst.ts";
import { packageRoot } from "../package-root.ts";

fakeAwsCredentials(process.env);
const minuteMs = 60_000;

/** Incidents judged by what services of AWS keep: metrics, logs, traces, who changed what when. */
const byServices = [
  ...["01-amber-harbor", "03-copper-valley", "05-early-comet", "07-gentle-anvil"],
  ...["08-hollow-river", "09-ivory-bridge", "10-jolly-summit", "12-lunar-thicket"],
  "13-mellow-quarry",
];
/**
 * Incidents judged by the text of a change, which none of these services has: a team lets its
 * pipeline write it into the lake in S3, which Athena reads.
 */
const byTexts = ["02-brisk-lantern", "04-drifting-pine", "06-faded-canyon", "11-keen-orchard"];

it("finds moto in continuous integration", () => {
  expect(isMotoThere || !process.env.CI).toBe(true);
});

describe.runIf(isMotoThere)(`an incident in an AWS account${motoNote}`, () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  }, 60_000);
  afterAll(() => moto?.stop());

  it.each([
    ...byServices.map((name) => [name, "its services"] as const),
    ...byTexts.map((name) => [name, "its services and a lake"] as const),
  ])(
    "is judged as from its recording: %s, from %s",
    async (name, from) => {
      const folder = join(packageRoot, "examples/incidents", name);
      const recorded = verdictOf(await investigated(undefined, { capture: folder }));
      const endsAt = Math.floor(systemClock.now() / minuteMs) * minuteMs - minuteMs;
      await using account = await capturedAccount(moto.endpoint, folder, endsAt);
      const { incident, shiftMs, refs } = account;
      const moved = ({ from, to }: Window) => ({ from: from + shiftMs, to: to + shiftMs });
      await using lake = await changesLake(folder, shiftMs);
      const athena = { kind: "athena", lakeDatabase: "lake", endpoint: lake.endpoint };
      const report = await investigated(
        configOf(account, from === "its services" ? [] : [athena]),
        {
          alarm: alarmOf(incident, shiftMs),
          window: moved(incident.window),
          baseline: incident.baseline ? moved(incident.baseline) : null,
        },
      );
      expect(verdictOf(report, refs)).toEqual(recorded);
    },
    60_000,
  );
});

/** What a reader acts upon. */
function verdictOf(report: Report, refs?: ReadonlyMap<string, string>) {
  const [first] = report.rootCauses;
  const ref = first?.change?.ref ?? null;
  return {
    service: first?.service ?? null,
    resource: first?.resource ?? null,
    change: ref === null ? null : (refs?.get(ref) ?? ref),
    conclusion: report.conclusion,
    priority: report.priority.level,
  };
}

async function investigated(configFile: string | undefined, own: Partial<InvestigationRequest>) {
  const clock = systemClock;
  const opened = await openAnalyst({
    configFile,
    model: "builtin",
    clock,
    ids: randomIds(clock),
    storePath: ":memory:",
  });
  try {
    return await opened.analyst.investigate(
      requestBy(localPrincipal, {
        ...own,
      }),
    );
  } finally {
    await opened.close();
  }
}

type Account = Awaited<ReturnType<typeof capturedAccount>>;

function configOf({ region, endpoint, incident }: Account, more: readonly object[]): string {
  const file = join(mkdtempSync(join(tmpdir(), "shodo-aws-")), "shodo.yaml");
  const kinds = ["cloudwatch-metrics", "cloudwatch-logs", "cloudtrail", "xray", "aws-deployments"];
  const sources = [...kinds.map((kind) => ({ kind, endpoint })), ...more].map((source) => {
    return { region, ...source };
  });
  const { kpis, slos } = incident;
  writeFileSync(file, JSON.stringify({ sources, kpis, slos }));
  return file;
}

/** The alarm that the recording was opened by, as one of CloudWatch. */
function alarmOf({ trigger, title, id, window }: Account["incident"], shiftMs: number): Alarm {
  return {
    fingerprint: id,
    sender: "cloudwatch",
    name: trigger.name ?? title,
    service: trigger.service ?? null,
    resource: null,
    metric: trigger.metric ?? null,
    threshold: trigger.threshold ?? null,
    observed: trigger.observed ?? null,
    severity: trigger.severity ?? null,
    state: "firing",
    firedAt: (trigger.firedAt ?? window.from) + shiftMs,
    summary: trigger.summary ?? title,
    labels: {},
    link: null,
    raw: null,
  };
}
