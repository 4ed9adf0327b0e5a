import { AwsStopped } from "../aws/faults.ts";
import { inParallel } from "../cloudwatch/series.ts";
import type { ChangeRow } from "./change-rows.ts";

/** Deployments of one service of AWS. */
export interface DeploymentsRead {
  readonly region: string;
  readonly rows: readonly ChangeRow[];
  /** True when it has more than were read. */
  readonly isCut: boolean;
  /** What kept some deployments from telling what they changed. */
  readonly faults: readonly unknown[];
}

/** A client of the SDK, as far as every service has it. */
interface Client {
  readonly config: { region(): Promise<string> };
  destroy(): void;
}

/** A detail of a deployment, or null where it cannot be read: the deployment is known without. */
export type Detail = <T>(read: Promise<T>) => Promise<T | null>;

const callsAtOnce = 5;

/** Finds deployments with a client, describes them side by side, and closes the client. */
export async function readDeployments<T>(
  client: Client,
  find: () => Promise<{ readonly found: readonly T[]; readonly isCut: boolean }>,
  describe: (each: T, detail: Detail) => Promise<ChangeRow> | ChangeRow,
): Promise<DeploymentsRead> {
  const faults: unknown[] = [];
  const detail: Detail = (read) =>
    read.catch((error: unknown) => {
      if (error instanceof AwsStopped) throw error;
      faults.push(error);
      return null;
    });
  try {
    const region = await client.config.region();
    const { found, isCut } = await find();
    const rows: ChangeRow[] = [];
    const jobs = found.map((each) => async () => {
      rows.push(await describe(each, detail));
    });
    await inParallel(jobs, callsAtOnce);
    return { region, rows, isCut, faults };
  } finally {
    client.destroy();
  }
}
