import type {
  ChangeEvent,
  ServiceDependency,
  ServiceLevelObjectiveBudgetReport,
  ServiceLevelObjectiveBudgetReportError,
  ServiceLevelObjectiveSummary,
  ServiceOperation,
} from "@aws-sdk/client-application-signals";
import type { Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { type AwsSettings, awsClientConfig } from "../aws/client.ts";
import { everyPage } from "../aws/every-page.ts";
import { chunksOf } from "../cloudwatch/series.ts";

/** Pages that one list follows, and items of a page, the most that every list takes. */
const pagesMax = 20;
const pageSize = 100;
/** Objectives of one budget report. */
const reportsPerCall = 50;

/** The SDK of Application Signals with a client of it. */
export async function openSignals(settings: AwsSettings) {
  const sdk = await import("@aws-sdk/client-application-signals");
  const client = new sdk.ApplicationSignalsClient(awsClientConfig(settings));
  return { sdk, client, region: await client.config.region() };
}
export type Signals = Awaited<ReturnType<typeof openSignals>>;

/** What names an entity: `Type`, `Name`, `Environment`, … */
export type KeyAttributes = Readonly<Record<string, string>>;

export interface Listed<T> {
  readonly items: readonly T[];
  readonly isCut: boolean;
}

async function allPages<T>(
  read: (
    token: string | undefined,
  ) => Promise<{ readonly items: readonly T[] | undefined; readonly token: string | undefined }>,
): Promise<Listed<T>> {
  const items: T[] = [];
  const isCut = await everyPage(pagesMax, async (token) => {
    const answer = await read(token);
    items.push(...(answer.items ?? []));
    return answer.token;
  });
  return { items, isCut };
}

const times = ({ from, to }: Window) => ({ StartTime: new Date(from), EndTime: new Date(to) });
const next = (token: string | undefined) => (token ? { NextToken: token } : {});

/** Services that Application Signals has seen in a window. */
export function listServices(
  { sdk, client }: Signals,
  calls: AwsCalls,
  window: Window,
): Promise<Listed<KeyAttributes>> {
  return allPages(async (token) => {
    const answer = await calls.call("application-signals:ListServices", (abortSignal) =>
      client.send(
        new sdk.ListServicesCommand({ ...times(window), MaxResults: pageSize, ...next(token) }),
        { abortSignal },
      ),
    );
    const items = answer.ServiceSummaries?.map((each): KeyAttributes => each.KeyAttributes ?? {});
    return { items, token: answer.NextToken };
  });
}

/** Operations of one service. */
export function listOperations(
  { sdk, client }: Signals,
  calls: AwsCalls,
  service: KeyAttributes,
  window: Window,
): Promise<Listed<ServiceOperation>> {
  return allPages(async (token) => {
    const answer = await calls.call("application-signals:ListServiceOperations", (abortSignal) =>
      client.send(
        new sdk.ListServiceOperationsCommand({
          ...times(window),
          KeyAttributes: { ...service },
          MaxResults: pageSize,
          ...next(token),
        }),
        { abortSignal },
      ),
    );
    return { items: answer.ServiceOperations, token: answer.NextToken };
  });
}

/** What one service calls. */
export function listDependencies(
  { sdk, client }: Signals,
  calls: AwsCalls,
  service: KeyAttributes,
  window: Window,
): Promise<Listed<ServiceDependency>> {
  return allPages(async (token) => {
    const answer = await calls.call("application-signals:ListServiceDependencies", (abortSignal) =>
      client.send(
        new sdk.ListServiceDependenciesCommand({
          ...times(window),
          KeyAttributes: { ...service },
          MaxResults: pageSize,
          ...next(token),
        }),
        { abortSignal },
      ),
    );
    return { items: answer.ServiceDependencies, token: answer.NextToken };
  });
}

/** Services with their newest changes in a window: which of them changed at all. */
export function listStates(
  { sdk, client }: Signals,
  calls: AwsCalls,
  window: Window,
): Promise<Listed<{ readonly service: KeyAttributes; readonly events: readonly ChangeEvent[] }>> {
  return allPages(async (token) => {
    const answer = await calls.call("application-signals:ListServiceStates", (abortSignal) =>
      client.send(
        new sdk.ListServiceStatesCommand({
          ...times(window),
          MaxResults: pageSize,
          ...next(token),
        }),
        { abortSignal },
      ),
    );
    const items = answer.ServiceStates?.map((state) => ({
      service: state.Service ?? {},
      events: state.LatestChangeEvents ?? [],
    }));
    return { items, token: answer.NextToken };
  });
}

/** Every change of one service in a window. */
export function listEvents(
  { sdk, client }: Signals,
  calls: AwsCalls,
  service: KeyAttributes,
  window: Window,
): Promise<Listed<ChangeEvent>> {
  return allPages(async (token) => {
    const answer = await calls.call("application-signals:ListEntityEvents", (abortSignal) =>
      client.send(
        new sdk.ListEntityEventsCommand({
          ...times(window),
          Entity: { ...service },
          MaxResults: pageSize,
          ...next(token),
        }),
        { abortSignal },
      ),
    );
    return { items: answer.ChangeEvents, token: answer.NextToken };
  });
}

/** Objectives of the account. */
export function listObjectives(
  { sdk, client }: Signals,
  calls: AwsCalls,
): Promise<Listed<ServiceLevelObjectiveSummary>> {
  return allPages(async (token) => {
    const answer = await calls.call(
      "application-signals:ListServiceLevelObjectives",
      (abortSignal) =>
        client.send(
          new sdk.ListServiceLevelObjectivesCommand({
            MaxResults: 50,
            // Left out, only objectives on operations are returned.
            MetricSourceTypes: ["ServiceOperation", "CloudWatchMetric", "ServiceDependency"],
            ...next(token),
          }),
          { abortSignal },
        ),
    );
    return { items: answer.SloSummaries, token: answer.NextToken };
  });
}

export interface BudgetReports {
  readonly reports: readonly ServiceLevelObjectiveBudgetReport[];
  readonly errors: readonly ServiceLevelObjectiveBudgetReportError[];
}

/** How objectives stood at a time, 50 at a call. */
export async function budgetReports(
  { sdk, client }: Signals,
  calls: AwsCalls,
  ids: readonly string[],
  at: number,
): Promise<BudgetReports> {
  const parts = await Promise.all(
    chunksOf(ids, reportsPerCall).map((SloIds) =>
      calls.call("application-signals:BatchGetServiceLevelObjectiveBudgetReport", (abortSignal) =>
        client.send(
          new sdk.BatchGetServiceLevelObjectiveBudgetReportCommand({
            Timestamp: new Date(at),
            SloIds,
          }),
          { abortSignal },
        ),
      ),
    ),
  );
  return {
    reports: parts.flatMap((part) => part.Reports ?? []),
    errors: parts.flatMap((part) => part.Errors ?? []),
  };
}
