import type { FailureReason } from "../../core/outcome.ts";
import { AssumeRoleFault } from "./client.ts";

/** A fault of AWS in our words. */
export interface AwsFailure {
  readonly reason: FailureReason;
  readonly message: string;
  readonly retryable: boolean;
  /** AWS's own words, untrusted. */
  readonly upstream?: string;
}

/** One call of AWS that failed, with the IAM action that it needs. */
export class AwsCallFault extends Error {
  readonly action: string;
  constructor(action: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.action = action;
  }
}

/** The time for the read is over, or the asker has gone. */
export class AwsStopped extends Error {
  readonly reason: "cancelled" | "timed-out";
  constructor(reason: "cancelled" | "timed-out") {
    super(reason);
    this.reason = reason;
  }
}

/** What was asked cannot be asked of AWS, or AWS would not understand it. */
export class AwsRefusal extends Error {
  readonly failure: AwsFailure;
  /** `upstream` are AWS's own words, untrusted. */
  constructor(reason: FailureReason, message: string, isRetryable = false, upstream?: string) {
    super(message);
    const said = upstream ? { upstream: upstream.slice(0, upstreamCharsMax) } : {};
    this.failure = { reason, message, retryable: isRetryable, ...said };
  }
}

const upstreamCharsMax = 500;
const denied = /AccessDenied|UnauthorizedOperation|NotAuthorized|^AuthorizationError$/i;
const throttled =
  /Throttl|TooManyRequests|^LimitExceeded|RequestLimitExceeded|SlowDown|BandwidthLimit/i;
const expired = /ExpiredToken|RequestExpired|TokenRefreshRequired/i;
const badKeys =
  /UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|CredentialsProvider|InvalidToken|MissingAuthenticationToken|InvalidSignature|TokenProviderError/i;
const slow = /Timeout|^RequestTimeout/i;
const malformed =
  /Malformed|Validation|InvalidParameter|MissingParameter|InvalidTimeRange|InvalidRequest|^BadRequest/i;

/** The statement of an IAM policy that allows one action. */
export function statementFor(action: string, resource = "*"): string {
  return JSON.stringify({ Effect: "Allow", Action: action, Resource: resource });
}

/** True when a policy lacks the right for a call; credentials that are no good are another fault. */
export function isRefused(error: unknown): boolean {
  if (causeOf(error, AssumeRoleFault)) return false;
  const { name, status } = deepest(error);
  if (expired.test(name) || badKeys.test(name) || throttled.test(name)) return false;
  return denied.test(name) || status === 403;
}

/** Any error of the SDK as one kind of failure with the way out; never as "nothing found". */
export function awsFailure(error: unknown): AwsFailure {
  if (error instanceof AwsRefusal) return error.failure;
  if (error instanceof AwsStopped) {
    return error.reason === "cancelled"
      ? { reason: "cancelled", message: "The read was cancelled.", retryable: true }
      : {
          reason: "timed-out",
          message: "AWS did not answer in the time this read had; narrow it down.",
          retryable: true,
        };
  }
  const role = causeOf(error, AssumeRoleFault);
  const action = causeOf(error, AwsCallFault)?.action ?? null;
  if (role) return roleFailure(role);
  const { name, message, status } = deepest(error);
  const upstream = `${name}: ${message}`.slice(0, upstreamCharsMax);
  const failure = (reason: FailureReason, words: string, retryable: boolean): AwsFailure => ({
    reason,
    message: words,
    retryable,
    upstream,
  });
  const what = action ?? "The call";
  // Expired and unusable credentials come with the status of a denial, but need another remedy.
  if (expired.test(name)) {
    return failure("denied", "The AWS credentials have expired; sign in again.", true);
  }
  if (badKeys.test(name)) {
    const words = "There are no usable AWS credentials; set a profile, a role or the environment.";
    return failure("denied", words, false);
  }
  if (throttled.test(name) || status === 429) {
    return failure("throttled", `${what} is throttled by AWS; try again in a minute.`, true);
  }
  if (denied.test(name) || (status === 403 && action)) {
    const words = action
      ? `${action} is not allowed; add ${statementFor(action)} to the policy.`
      : "The read is not allowed by the policy.";
    return failure("denied", words, false);
  }
  if (slow.test(name)) return failure("timed-out", `${what} took too long.`, true);
  if (malformed.test(name)) {
    return failure("malformed", `AWS does not accept what ${what} asks for.`, false);
  }
  if (name === "ResourceNotFoundException") {
    return failure("unavailable", `What ${what} asks for does not exist in this account.`, false);
  }
  if (/Region is missing/i.test(message)) {
    const words = "No AWS region is set; set `region` of the source, or AWS_REGION.";
    return failure("unavailable", words, false);
  }
  if (name === "SyntaxError" || /Deserialization error/i.test(message)) {
    return failure("malformed", `${what} was answered with something that is not AWS's.`, true);
  }
  return failure("unavailable", `${what} failed; AWS may be out of reach.`, true);
}

function roleFailure(fault: AssumeRoleFault): AwsFailure {
  const inner = awsFailure(fault.cause);
  if (inner.reason !== "denied" || inner.retryable) return inner;
  const statement = statementFor("sts:AssumeRole", fault.roleArn);
  return {
    ...inner,
    message:
      `The role ${fault.roleArn} cannot be assumed; add ${statement} to the caller's policy, ` +
      "and name the caller (and the external id) in the role's trust policy.",
  };
}

function causeOf<T>(error: unknown, type: abstract new (...args: never[]) => T): T | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof type) return at;
  }
  return null;
}

/** Name, words and HTTP status of the error that the SDK threw. */
function deepest(error: unknown): { name: string; message: string; status: number | null } {
  let at: unknown = error;
  while (at instanceof AwsCallFault) at = at.cause;
  if (!(at instanceof Error)) return { name: "Error", message: String(at), status: null };
  const { $metadata: meta } = at as { $metadata?: { httpStatusCode?: number } };
  return { name: at.name, message: at.message, status: meta?.httpStatusCode ?? null };
}
