import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import { isWithin, type Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { type AwsSettings, awsClientConfig } from "../aws/client.ts";
import { everyPage } from "../aws/every-page.ts";
import { inParallel } from "../cloudwatch/series.ts";
import type { ChangeRow, DeploymentsRead } from "./change-rows.ts";
import { type Settings, settingsDiff } from "./deployment-diff.ts";

const pagesMax = 40;
const callsAtOnce = 5;

async function open(settings: AwsSettings) {
  const sdk = await import("@aws-sdk/client-lambda");
  return { sdk, client: new sdk.LambdaClient(awsClientConfig(settings)) };
}
type Lambda = Awaited<ReturnType<typeof open>>;

/** Functions whose code or configuration was changed in the window, and what differs. */
export async function lambdaDeployments(
  settings: AwsSettings,
  calls: AwsCalls,
  window: Window,
): Promise<DeploymentsRead> {
  const lambda = await open(settings);
  try {
    const { all, isCut } = await allFunctions(lambda, calls);
    const changed = all.filter((each) => isWithin(changedAt(each), window));
    const rows: ChangeRow[] = [];
    const jobs = changed.map((each) => async () => {
      rows.push(await rowOf(lambda, calls, each, settings.services));
    });
    await inParallel(jobs, callsAtOnce);
    return { rows, isCut };
  } finally {
    lambda.client.destroy();
  }
}

function changedAt({ LastModified: at }: FunctionConfiguration): number {
  return Date.parse((at ?? "").replace(/\+0000$/, "Z"));
}

async function allFunctions({ sdk, client }: Lambda, calls: AwsCalls) {
  const all: FunctionConfiguration[] = [];
  const isCut = await everyPage(pagesMax, async (token) => {
    const answer = await calls.call("lambda:ListFunctions", (abortSignal) =>
      client.send(new sdk.ListFunctionsCommand(token ? { Marker: token } : {}), { abortSignal }),
    );
    all.push(...(answer.Functions ?? []));
    return answer.NextMarker;
  });
  return { all, isCut };
}

async function rowOf(
  { sdk, client }: Lambda,
  calls: AwsCalls,
  latest: FunctionConfiguration,
  names: Readonly<Record<string, string>>,
): Promise<ChangeRow> {
  const name = latest.FunctionName ?? "";
  const answer = await calls.call("lambda:ListVersionsByFunction", (abortSignal) =>
    client.send(new sdk.ListVersionsByFunctionCommand({ FunctionName: name }), { abortSignal }),
  );
  const now = settingsOf(latest);
  // The newest published version that differs is what ran before.
  const before = (answer.Versions ?? [])
    .filter((each) => each.Version !== "$LATEST" && changedAt(each) <= changedAt(latest))
    .sort((a, b) => Number(b.Version) - Number(a.Version))
    .find((each) => settingsDiff("x", settingsOf(each), now) !== null);
  const file = `function/${name}.json`;
  const diff = before ? settingsDiff(file, settingsOf(before), now) : null;
  const isCode = !before || before.CodeSha256 !== latest.CodeSha256;
  return {
    at: changedAt(latest),
    kind: isCode ? "deploy" : "config",
    service: names[name] ?? name,
    ref: `${name}@${latest.RevisionId?.slice(0, 8) ?? latest.Version ?? ""}`,
    title: `Lambda function ${name}: new ${isCode ? "code" : "configuration"}`,
    author: null,
    diff,
    files: diff ? [file] : [],
  };
}

function settingsOf(own: FunctionConfiguration): Settings {
  const pairs: [string, string | number | undefined][] = [
    ["codeSha256", own.CodeSha256],
    ["runtime", own.Runtime],
    ["handler", own.Handler],
    ["timeoutSeconds", own.Timeout],
    ["memoryMb", own.MemorySize],
    ["layers", own.Layers?.map((layer) => layer.Arn).join(" ") || undefined],
    ...Object.entries(own.Environment?.Variables ?? {}),
  ];
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
