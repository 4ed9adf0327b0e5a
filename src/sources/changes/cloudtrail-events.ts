import type { Event } from "@aws-sdk/client-cloudtrail";
import { z } from "zod";
import type { ChangeKind } from "../../core/rows.ts";
import type { ChangeRow } from "./change-rows.ts";

/** Events that write, but change nothing that could break a service. */
const noise =
  /^(ConsoleLogin|SwitchRole|AssumeRole|GetSessionToken|GetFederationToken|CreateLogStream|PutLogEvents|StartQuery|StopQuery|CreateGrant|RetireGrant|Decrypt|GenerateDataKey|Batch(Get|Check)|SendSSHPublicKey|StartSession|TerminateSession|UpdateInstanceInformation|PutInventory|RegisterManagedInstance|OpenDataChannel)/;

/** What an event is, by its name; what matches nothing is infrastructure. */
const kinds: readonly (readonly [RegExp, ChangeKind])[] = [
  [
    /^(UpdateService|CreateDeployment|UpdateFunctionCode|PublishVersion|UpdateAlias|CreateAlias|RegisterTaskDefinition|StartPipelineExecution|ExecuteChangeSet|UpdateStack|CreateStack|UpdateEnvironment|CreateApplicationVersion|StartDeployment|RunTask|UpdateDistribution)/,
    "deploy",
  ],
  [
    /^(UpdateFunctionConfiguration|PutParameter|DeleteParameter|PutSecretValue|UpdateSecret|RotateSecret|ModifyDBParameterGroup|ModifyCacheParameterGroup|PutFunctionConcurrency|Put.*Policy|Attach.*Policy|Detach.*Policy|Modify.*Attributes|SetDesiredCapacity|ModifyRule|UpdateRule|PutRule)/,
    "config",
  ],
];

function kindOf(event: Event): ChangeKind {
  const name = event.EventName ?? "";
  if (event.EventSource === "appconfig.amazonaws.com") return "flag";
  return kinds.find(([pattern]) => pattern.test(name))?.[1] ?? "infrastructure";
}

/** The change that an event of CloudTrail stands for; none for noise. */
export function changesOfEvent(
  event: Event,
  names: Readonly<Record<string, string>>,
): readonly ChangeRow[] {
  const { EventName: name, EventTime: time, EventId: id } = event;
  if (!name || !time || !id || noise.test(name)) return [];
  const record = recordOf(event.CloudTrailEvent);
  const request = record.requestParameters;
  const resource = resourceOf(event, request);
  const failed = record.errorCode ? ` (refused: ${record.errorCode})` : "";
  return [
    {
      at: time.getTime(),
      kind: kindOf(event),
      service: names[resource] ?? resource,
      ref: id,
      title: `${name}${resource ? ` ${resource}` : ""}${saidOf(request)}${failed}`,
      author: event.Username ?? null,
    },
  ];
}

const recordSchema = z.object({
  errorCode: z.string().optional(),
  requestParameters: z.record(z.string(), z.unknown()).nullish(),
});

/** The raw event, where it can be read. */
function recordOf(text: string | undefined): z.infer<typeof recordSchema> {
  try {
    return recordSchema.parse(JSON.parse(text ?? "{}"));
  } catch {
    return {};
  }
}

/** Parameters that name what was changed, most telling first. */
const named = [
  ...["service", "serviceName", "functionName", "applicationName", "pipelineName", "stackName"],
  ...["family", "environmentName", "dBInstanceIdentifier", "dBClusterIdentifier", "tableName"],
  ...["queueUrl", "autoScalingGroupName", "clusterName", "name", "secretId", "bucketName"],
];

function resourceOf(event: Event, request: Record<string, unknown> | null | undefined): string {
  const value = named.map((key) => request?.[key]).find((each) => typeof each === "string");
  const text = typeof value === "string" ? value : (event.Resources?.[0]?.ResourceName ?? "");
  // The last part of an ARN, a URL or a path; a Lambda ARN may end in a version.
  const parts = text.split(/[:/]/).filter((part) => part && part !== "$LATEST");
  return (/^\d+$/.test(parts.at(-1) ?? "") ? parts.at(-2) : parts.at(-1)) ?? text;
}

/** What whoever made the change wrote about it: deployments and stacks take a description. */
function saidOf(request: Record<string, unknown> | null | undefined): string {
  const said = request?.description ?? request?.commitMessage ?? request?.changeDescription;
  return typeof said === "string" && said.trim() !== "" ? `: ${said.trim().slice(0, 200)}` : "";
}
