import type { DeploymentInfo, RevisionLocation } from "@aws-sdk/client-codedeploy";
import type { Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { type AwsSettings, awsClientConfig } from "../aws/client.ts";
import { everyPage } from "../aws/every-page.ts";
import { chunksOf } from "../cloudwatch/series.ts";
import type { ChangeRow } from "./change-rows.ts";
import { type DeploymentsRead, readDeployments } from "./deployments.ts";

/** Deployments of one BatchGetDeployments. */
const deploymentsPerCall = 25;
const pagesMax = 20;

/** Deployments of CodeDeploy that were made in the window, with the revision each brought. */
export async function codedeployDeployments(
  settings: AwsSettings,
  calls: AwsCalls,
  window: Window,
): Promise<DeploymentsRead> {
  const sdk = await import("@aws-sdk/client-codedeploy");
  const client = new sdk.CodeDeployClient(awsClientConfig(settings));
  const find = async () => {
    const ids: string[] = [];
    const isCut = await everyPage(pagesMax, async (token) => {
      const answer = await calls.call("codedeploy:ListDeployments", (abortSignal) =>
        client.send(
          new sdk.ListDeploymentsCommand({
            createTimeRange: { start: new Date(window.from), end: new Date(window.to) },
            ...(token ? { nextToken: token } : {}),
          }),
          { abortSignal },
        ),
      );
      ids.push(...(answer.deployments ?? []));
      return answer.nextToken;
    });
    const parts = await Promise.all(
      chunksOf(ids, deploymentsPerCall).map((deploymentIds) =>
        calls.call("codedeploy:BatchGetDeployments", (abortSignal) =>
          client.send(new sdk.BatchGetDeploymentsCommand({ deploymentIds }), { abortSignal }),
        ),
      ),
    );
    return { found: parts.flatMap((part) => part.deploymentsInfo ?? []), isCut };
  };
  return readDeployments(client, find, (each) => rowOf(each, settings.services));
}

function rowOf(own: DeploymentInfo, names: Readonly<Record<string, string>>): ChangeRow {
  const { applicationName: application = "", description, status, rollbackInfo } = own;
  const from = revisionOf(own.previousRevision);
  const to = revisionOf(own.revision);
  const words = [
    rollbackInfo?.rollbackTriggeringDeploymentId ? "Rollback" : "CodeDeploy deployment",
    `of ${application}`,
    to ? (from && from !== to ? `from ${from} to ${to}` : `to ${to}`) : "",
    status ? `(${status.toLowerCase()})` : "",
  ];
  const said = description?.trim() ? `: ${description.trim().slice(0, 200)}` : "";
  return {
    at: own.createTime?.getTime() ?? Number.NaN,
    kind: "deploy",
    service: names[application] ?? application,
    ref: own.deploymentId ?? "",
    title: words.filter(Boolean).join(" ") + said,
    author: own.creator ?? null,
  };
}

/** A commit where the revision is one, else the file or the content it came from. */
function revisionOf(revision: RevisionLocation | undefined): string {
  const { gitHubLocation: git, s3Location: file } = revision ?? {};
  if (git?.commitId) return `${git.repository ?? "commit"}@${git.commitId.slice(0, 10)}`;
  if (file?.key) return file.key + (file.version ? `@${file.version}` : "");
  return revision?.string?.sha256?.slice(0, 12) ?? "";
}
