import type { Job } from "../core/job.ts";

/** How a job ended. What is thrown counts as `retry`. */
export type JobEnd =
  | { readonly kind: "done"; readonly costUsd?: number }
  | { readonly kind: "retry"; readonly error: string }
  /** Trying again cannot help: straight to the dead letters, for a person. */
  | { readonly kind: "give-up"; readonly error: string };

/** One kind of job: what a file of this folder exports. It must be harmless to run twice. */
export interface JobHandler {
  readonly kind: string;
  /** Kinds that count towards the ceilings per hour. */
  readonly isMetered: boolean;
  /** `signal` fires when the lease is lost: somebody else has the job now. */
  run(job: Job, signal: AbortSignal): Promise<JobEnd>;
}
