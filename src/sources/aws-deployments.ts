import { z } from "zod";
import { limits } from "../core/limits.ts";
import type { Gap } from "../core/outcome.ts";
import type { ChangesQuery, SignalQuery } from "../core/query.ts";
import type { Source, SourceContext, SourceDefinition } from "../core/source.ts";
import type { Window } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { placeOf } from "./aws/account-pace.ts";
import { type AwsAnswer, type AwsCalls, awsOutcome, awsProbe, nothing } from "./aws/answer.ts";
import { type AwsSettings, awsSettings } from "./aws/client.ts";
import { AwsRefusal, AwsStopped, awsFailure } from "./aws/faults.ts";
import { eventsLink } from "./aws/links.ts";
import { changesFrame } from "./changes/change-rows.ts";
import { codedeployDeployments } from "./changes/codedeploy.ts";
import type { DeploymentsRead } from "./changes/deployments.ts";
import { ecsDeployments } from "./changes/ecs.ts";
import { lambdaDeployments } from "./changes/lambda.ts";

const kinds = ["ecs", "lambda", "codedeploy"] as const;
const settings = awsSettings.extend({
  /** Which services are asked. */
  from: z
    .array(z.enum(kinds))
    .min(1)
    .default([...kinds]),
});
type Settings = z.infer<typeof settings>;

/** Deployments of ECS, Lambda and CodeDeploy, with what they changed. */
export const awsDeployments: SourceDefinition<typeof settings> = {
  kind: "aws-deployments",
  title: "Deployments of ECS, Lambda and CodeDeploy",
  settings,
  permissions: [
    "ecs:ListClusters",
    "ecs:ListServices",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "lambda:ListFunctions",
    "lambda:ListVersionsByFunction",
    "codedeploy:ListDeployments",
    "codedeploy:BatchGetDeployments",
  ],
  async open(name, own) {
    return openDeployments(name, own);
  },
};

type Reader = (settings: AwsSettings, calls: AwsCalls, window: Window) => Promise<DeploymentsRead>;
const readers: Readonly<Record<(typeof kinds)[number], Reader>> = {
  ecs: ecsDeployments,
  lambda: lambdaDeployments,
  codedeploy: codedeployDeployments,
};

function openDeployments(name: string, own: Settings): Source {
  const place = placeOf(own);
  return {
    name,
    signals: ["changes"],
    answers: ["changes"],
    guide: "Deployments of ECS, Lambda and CodeDeploy with the settings that each changed.",
    probe: (context) =>
      awsProbe(place, context, async (calls) => {
        const now = systemClock.now();
        const day = { from: now - 86_400_000, to: now };
        const parts = await Promise.all(own.from.map((kind) => readOne(kind, own, calls, day)));
        const lines = parts.map(({ kind, rows, fault }) =>
          fault ? `${kind}: ${awsFailure(fault).message}` : `${kind}: ${rows.length} in a day`,
        );
        const failed = parts.filter(({ fault }) => fault !== null).length;
        const state = failed === 0 ? "ready" : failed < parts.length ? "limited" : "unreachable";
        return { state, lines };
      }),
    run: (query: SignalQuery, window: Window, context: SourceContext) =>
      awsOutcome({ source: name, place, query, window }, context, async (calls) => {
        if (query.kind !== "changes") {
          throw new AwsRefusal("unsupported", `Deployments do not answer ${query.kind}.`);
        }
        return changes(own, calls, query, window);
      }),
    close: async () => {},
  };
}

async function readOne(
  kind: (typeof kinds)[number],
  own: Settings,
  calls: AwsCalls,
  window: Window,
): Promise<DeploymentsRead & { kind: string; fault: unknown }> {
  try {
    return { kind, ...(await readers[kind](own, calls, window)), fault: null };
  } catch (error) {
    if (error instanceof AwsStopped) throw error;
    return { kind, region: "", rows: [], isCut: false, faults: [], fault: error };
  }
}

async function changes(
  own: Settings,
  calls: AwsCalls,
  query: ChangesQuery,
  window: Window,
): Promise<AwsAnswer> {
  const text = `deployments of ${own.from.join(", ")}`;
  if (window.from >= systemClock.now()) {
    return nothing(text, ["the window has not begun"], "Ask for a window in the past.");
  }
  const parts = await Promise.all(own.from.map((kind) => readOne(kind, own, calls, window)));
  const faults = parts.filter(({ fault }) => fault !== null);
  if (faults[0] && faults.length === parts.length) throw faults[0].fault;
  const rows = parts
    .flatMap((part) => part.rows)
    .filter(({ service }) => !query.services || query.services.includes(service))
    .sort((a, b) => b.at - a.at);
  const kept = rows.slice(0, Math.min(query.limit ?? limits.rowsDefault, limits.rowsMax));
  const region = parts.find((part) => part.region !== "")?.region ?? "";
  const details = parts.flatMap(({ kind, faults: [fault] }) => (fault ? [{ kind, fault }] : []));
  return {
    frame: changesFrame(kept),
    query: text,
    truncated: parts.some(({ isCut }) => isCut) || kept.length < rows.length,
    region,
    link: eventsLink(region, window),
    reasons: ["nothing was deployed that these services still know of"],
    gaps: [
      ...faults.map(({ kind, fault }) =>
        gapOf(`deployments of ${kind}`, fault, "deployments there are unknown"),
      ),
      ...details.map(({ kind, fault }) =>
        gapOf(`what deployments of ${kind} changed`, fault, "some are known without their diff"),
      ),
    ],
  };
}

function gapOf(what: string, fault: unknown, effect: string): Gap {
  const { reason, message } = awsFailure(fault);
  return { what, why: `${reason}: ${message}`, effect, signal: "changes", isPartial: true };
}
