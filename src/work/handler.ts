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
  /**
   * `signal` fires when the lease is lost: somebody else has the job now. `progress` is called when
   * something was achieved for good, so that a job is given up only when it gets nowhere.
   */
  run(job: Job, signal: AbortSignal, progress?: () => void): Promise<JobEnd>;
  /** Told of a job that was given up, perhaps more than once. */
  dead?(job: Job): Promise<void>;
}
