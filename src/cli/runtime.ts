import type { Analyst } from "../core/analyst.ts";
import type { Clock } from "../core/clock.ts";
import type { Report } from "../core/report.ts";
import type { Step } from "../core/step.ts";

/**
 * What commands may ask of the program. The composition root implements it, so that the command
 * line sees no other part, and loads each part only when a command needs it.
 */
export interface Runtime {
  /** An analyst over the configured sources, or over what a request's `capture` names. */
  openAnalyst(options: OpenOptions): Promise<OpenAnalyst>;
  /** The recorded incidents that ship with Shodo. */
  demoIncidents(): readonly DemoIncident[];
  evaluate(options: EvaluateOptions): Promise<EvaluationText>;
  /** Plays a saved run again; gives its steps and the report it ends in. */
  replay(
    file: string,
    configFile: string | undefined,
  ): Promise<{ readonly report: Report; readonly steps: readonly Step[] }>;
  /** What works, what does not, and the way out; `isReady` is false when a check failed. */
  doctor(options: OpenOptions): Promise<{ readonly text: string; readonly isReady: boolean }>;
  /** A commented shodo.yaml to begin with. */
  exampleConfig(): string;
  /** The Slack app's manifest, the links to click, and what to set afterwards. */
  slackSetup(transport: "socket" | "http", url: string | undefined): Promise<string>;
  /** A shodo.yaml for an AWS account, from a look at it. */
  awsSetup(options: AwsSetupOptions): Promise<string>;
  /** The tools with what each costs in tokens. */
  toolTable(): Promise<string>;
  /** Serves MCP until the client goes away, over HTTP until `signal` is aborted. */
  serveMcp(options: ServeMcpOptions): Promise<void>;
  /** A bearer token for MCP over HTTP, and its line for shodo.yaml. */
  newMcpToken(name: string, scopes: readonly string[]): Promise<{ token: string; yaml: string }>;
  /** Takes alarms in and works on them until `signal` is aborted; then drains. */
  serve(options: ServeOptions): Promise<void>;
  /** Receives OTLP into a folder until `signal` is aborted; what came of it, one line each. */
  receive(options: ReceiveOptions): Promise<readonly string[]>;
  /** Walks the chain of the audit log. */
  verifyAudit(options: VerifyAuditOptions): Promise<AuditVerdict>;
  /** Deletes what is kept about an incident or a person; what was removed, one line each. */
  forget(options: ForgetOptions): Promise<readonly string[]>;
  readonly version: string;
  readonly clock: Clock;
}

export interface ServeOptions {
  readonly configFile: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Folder that stands in for live telemetry, for practice. */
  readonly capture: string | undefined;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface ReceiveOptions {
  /** Folder to be made. */
  readonly out: string;
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Minutes at the end of the recording that are the incident; the rest is the baseline. */
  readonly windowMinutes: number | undefined;
  readonly title: string | undefined;
  readonly say: (line: string) => void;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface VerifyAuditOptions {
  readonly configFile: string | undefined;
  /** A hash noted earlier that must be part of the chain. */
  readonly head: string | undefined;
}

export interface AuditVerdict {
  readonly isIntact: boolean;
  readonly text: string;
  readonly json: unknown;
}

export interface ForgetOptions {
  readonly configFile: string | undefined;
  readonly what: "incident" | "person";
  readonly id: string;
}

export interface ServeMcpOptions {
  readonly configFile: string | undefined;
  readonly transport: "stdio" | "http";
  /** Instead of the configured ones, for HTTP. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface OpenOptions {
  readonly configFile: string | undefined;
  readonly model: string | undefined;
}

export interface OpenAnalyst {
  readonly analyst: Analyst;
  /** Runs the queries of an item of evidence again; `rowsMax` of each are given. */
  rerun(wanted: {
    readonly incident: string;
    readonly evidence: string;
    readonly rowsMax: number;
    readonly signal: AbortSignal;
  }): Promise<RerunEvidence>;
  close(): Promise<void>;
}

/** A finding, with what its queries answer now. */
export interface RerunEvidence {
  readonly id: string;
  readonly statement: string;
  readonly queries: readonly RerunQuery[];
}

export interface RerunQuery {
  readonly source: string;
  /** In the language of the system that was read. */
  readonly text: string;
  /** ISO 8601. */
  readonly window: { readonly from: string; readonly to: string };
  readonly link?: string;
  readonly answer:
    | {
        readonly kind: "data";
        readonly columns: readonly string[];
        readonly rows: readonly (readonly (string | number | null)[])[];
        readonly isCut: boolean;
      }
    | { readonly kind: "empty"; readonly searched: string }
    | { readonly kind: "failed"; readonly why: string };
}

export interface DemoIncident {
  readonly name: string;
  readonly folder: string;
  readonly title: string;
}

export interface EvaluateOptions {
  readonly suite: string;
  readonly model: string | undefined;
  readonly repeat: number;
  readonly only: "all" | "even" | "odd";
  readonly alarmAtVictim: boolean;
  readonly configFile: string | undefined;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** An evaluation, for people and as the JSON document of `--json`. */
export interface EvaluationText {
  readonly text: string;
  readonly json: unknown;
}

/** Which AWS account is looked at, and by which right; what is absent is found as the SDK does. */
export interface AwsSetupOptions {
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly roleArn: string | undefined;
  readonly endpoint: string | undefined;
}
