import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import { isWithin, type Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { type AwsSettings, awsClientConfig } from "../aws/client.ts";
import { everyPage } from "../aws/every-page.ts";
import type { ChangeRow } from "./change-rows.ts";
import { type Settings, settingsDiff } from "./deployment-diff.ts";
import { type DeploymentsRead, type Detail, readDeployments } from "./deployments.ts";

const pagesMax = 40;

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
  const find = async () => {
    const { all, isCut } = await allFunctions(lambda, calls);
    return { found: all.filter((each) => isWithin(changedAt(each), window)), isCut };
  };
  return readDeployments(lambda.client, find, (each, detail) =>
    rowOf(lambda, calls, each, settings.services, detail),
  );
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

/** Published versions, oldest first as Lambda lists them: the newest stand on the last page. */
async function versionsOf({ sdk, client }: Lambda, calls: AwsCalls, FunctionName: string) {
  const all: FunctionConfiguration[] = [];
  await everyPage(pagesMax, async (token) => {
    const answer = await calls.call("lambda:ListVersionsByFunction", (abortSignal) =>
      client.send(
        new sdk.ListVersionsByFunctionCommand({
          FunctionName,
          ...(token ? { Marker: token } : {}),
        }),
        { abortSignal },
      ),
    );
    all.push(...(answer.Versions ?? []).filter((each) => each.Version !== "$LATEST"));
    return answer.NextMarker;
  });
  return all;
}

async function rowOf(
  lambda: Lambda,
  calls: AwsCalls,
  latest: FunctionConfiguration,
  names: Readonly<Record<string, string>>,
  detail: Detail,
): Promise<ChangeRow> {
  const name = latest.FunctionName ?? "";
  const versions = (await detail(versionsOf(lambda, calls, name))) ?? [];
  const now = settingsOf(latest);
  // The newest published version that differs is what ran before.
  const before = versions
    .filter((each) => changedAt(each) <= changedAt(latest))
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
