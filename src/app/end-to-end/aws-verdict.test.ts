import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
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

/**
 * Incidents judged by what services of AWS keep: metrics, logs, traces, and who changed what when.
 * The others are judged by the text of a change, which none of these services has: a team lets its
 * pipeline append it to a file, which is read beside AWS.
 */
const byAwsAlone = [
  ...["01-amber-harbor", "03-copper-valley", "05-early-comet", "07-gentle-anvil"],
  ...["08-hollow-river", "09-ivory-bridge", "10-jolly-summit", "12-lunar-thicket"],
  "13-mellow-quarry",
];
const besideChanges = [
  ...["02-brisk-lantern", "04-drifting-pine", "06-faded-canyon", "11-keen-orchard"],
];

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
    ...byAwsAlone.map((name) => [name, "AWS alone"] as const),
    ...besideChanges.map((name) => [name, "AWS and a file of changes"] as const),
  ])(
    "is judged as from its recording: %s, from %s",
    async (name, from) => {
      const folder = join(packageRoot, "examples/incidents", name);
      const recorded = verdictOf(await investigated(undefined, { capture: folder }));
      const endsAt = Math.floor(systemClock.now() / minuteMs) * minuteMs - minuteMs;
      await using account = await capturedAccount(moto.endpoint, folder, endsAt);
      const { incident, shiftMs, refs } = account;
      const moved = ({ from, to }: Window) => ({ from: from + shiftMs, to: to + shiftMs });
      const others = from === "AWS alone" ? [] : [changesOf(folder, shiftMs)];
      const report = await investigated(configOf(account, others), {
        alarm: alarmOf(incident, shiftMs),
        window: moved(incident.window),
        baseline: incident.baseline ? moved(incident.baseline) : null,
      });
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

/** The changes of a recording, moved in time, as a pipeline would append them to a file. */
function changesOf(folder: string, shiftMs: number) {
  const lines = readFileSync(join(folder, "changes.jsonl"), "utf8").trim().split("\n");
  const moved = lines.map((line) => {
    const change = JSON.parse(line) as { timestamp: string };
    const timestamp = new Date(Date.parse(change.timestamp) + shiftMs).toISOString();
    return JSON.stringify({ ...change, timestamp });
  });
  const file = join(mkdtempSync(join(tmpdir(), "shodo-aws-")), "changes.jsonl");
  writeFileSync(file, `${moved.join("\n")}\n`);
  return { kind: "changes-file", file };
}

function configOf({ region, endpoint, incident }: Account, others: readonly object[]): string {
  const file = join(mkdtempSync(join(tmpdir(), "shodo-aws-")), "shodo.yaml");
  const kinds = ["cloudwatch-metrics", "cloudwatch-logs", "cloudtrail", "xray", "aws-deployments"];
  const sources = [...kinds.map((kind) => ({ kind, region, endpoint })), ...others];
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
