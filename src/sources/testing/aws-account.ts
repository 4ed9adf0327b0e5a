import { awsFront } from "./aws-front.ts";
import { insightsHandlers, metricHandlers, trailHandler } from "./aws-handlers.ts";
import { seedAccount } from "./aws-seed.ts";
import { type EcsDeployed, ecsHandlers } from "./ecs-double.ts";
import { type SeededSpan, xrayHandlers } from "./xray-double.ts";

/** An account of moto that holds the telemetry of one capture, ending at `endsAt` (epoch ms). */
export async function capturedAccount(moto: string, folder: string, endsAt: number) {
  // A region of its own keeps what others put into the same moto apart.
  const region = regions[used++ % regions.length] ?? "us-east-1";
  const events: Parameters<typeof trailHandler>[0][number][] = [];
  let spans: readonly SeededSpan[] = [];
  let deployed: readonly EcsDeployed[] = [];
  let denied: readonly string[] = [];
  const logs = insightsHandlers(moto, region);
  const front = await awsFront(moto, {
    ...logs,
    // What the recording was not allowed to read is denied here as well.
    DescribeLogGroups: () =>
      denied.includes("logs")
        ? { kind: "fault", name: "AccessDeniedException", status: 400 }
        : null,
    ...metricHandlers(),
    ...xrayHandlers(() => spans),
    ...ecsHandlers(() => deployed),
    LookupEvents: trailHandler(events),
  });
  const seeded = await seedAccount(folder, { endpoint: front.endpoint, region, endsAt });
  events.push(...seeded.trail.events);
  spans = seeded.spans;
  deployed = seeded.trail.deployed;
  denied = seeded.incident.denied.map(({ signal }) => signal);
  front.calls.length = 0;
  return {
    region,
    endpoint: front.endpoint,
    calls: front.calls,
    incident: seeded.incident,
    shiftMs: seeded.shiftMs,
    /** Ids of the account's events to the changes of the capture. */
    refs: seeded.trail.refs,
    [Symbol.asyncDispose]: () => front[Symbol.asyncDispose](),
  };
}

/** Regions that moto knows. */
const regions = [
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"],
  ...["eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"],
  ...["ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-northeast-2"],
];
let used = 0;
