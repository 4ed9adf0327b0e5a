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
  /UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|CredentialsProvider|InvalidToken|MissingAuthenticationToken|AuthFailure|InvalidSignature|TokenProviderError/i;
const skewed = /RequestTimeTooSkewed|RequestInTheFuture/i;
const skewedWords = /signature (not yet current|expired)|request time and the current time/i;
const notSubscribed = /OptInRequired|SubscriptionRequired/i;
const slow = /Timeout|^RequestTimeout/i;
const malformed =
  /Malformed|Validation|InvalidParameter|MissingParameter|InvalidTimeRange|InvalidRequest|^BadRequest/i;

/** The statement of an IAM policy that allows one action. */
export function statementFor(action: string, resource = "*"): string {
  return JSON.stringify({ Effect: "Allow", Action: action, Resource: resource });
}

/**
 * True when a policy lacks the right for a call; credentials that are no good are another fault.
 */
export function isRefused(error: unknown): boolean {
  if (causeOf(error, AssumeRoleFault)) return false;
  const fault = deepest(error);
  const { name, status } = fault;
  if (isSkewed(fault) || notSubscribed.test(name)) return false;
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
  const fault = deepest(error);
  const { name, message } = fault;
  const rule = rules.find(({ fits }) => fits(fault, action !== null)) ?? outOfReach;
  const { reason, isRetryable = false } = rule;
  // The SDK's own advice on its error object helps nobody who reads a report.
  const said = message.replace(/\s*Deserialization error: to see the raw response.*$/s, "");
  const upstream = `${name}: ${said}`.slice(0, upstreamCharsMax);
  const words = rule.words(action ?? "The call", action);
  return { reason, message: words, retryable: isRetryable, upstream };
}

/** One kind of fault, and what to do about it. */
interface Rule {
  readonly fits: (fault: Thrown, isNamed: boolean) => boolean;
  readonly reason: FailureReason;
  readonly words: (what: string, action: string | null) => string;
  readonly isRetryable?: boolean;
}

/**
 * The first that fits holds. A wrong clock, expired and unusable credentials come with the status
 * of a denial, but need another remedy than a policy.
 */
const rules: readonly Rule[] = [
  {
    fits: isSkewed,
    reason: "denied",
    words: () => "The clock of this machine is not that of AWS; set it right (NTP).",
  },
  {
    fits: ({ name }) => notSubscribed.test(name),
    reason: "unavailable",
    words: (what) => `${what} is of a service that this account does not have in this region.`,
  },
  {
    fits: ({ name }) => expired.test(name),
    reason: "denied",
    words: () => "The AWS credentials have expired; sign in again.",
    isRetryable: true,
  },
  {
    fits: ({ name }) => badKeys.test(name),
    reason: "denied",
    words: () => "There are no usable AWS credentials; set a profile, a role or the environment.",
  },
  {
    fits: ({ name, status }) => throttled.test(name) || status === 429,
    reason: "throttled",
    words: (what) => `${what} is throttled by AWS; try again in a minute.`,
    isRetryable: true,
  },
  {
    fits: ({ name, status }, isNamed) => denied.test(name) || (status === 403 && isNamed),
    reason: "denied",
    words: (_what, action) =>
      action
        ? `${action} is not allowed; add ${statementFor(action)} to the policy.`
        : "The read is not allowed by the policy.",
  },
  {
    fits: ({ name }) => slow.test(name),
    reason: "timed-out",
    words: (what) => `${what} took too long.`,
    isRetryable: true,
  },
  {
    fits: ({ name }) => malformed.test(name),
    reason: "malformed",
    words: (what) => `AWS does not accept what ${what} asks for.`,
  },
  {
    fits: ({ name }) => name === "ResourceNotFoundException",
    reason: "unavailable",
    words: (what) => `What ${what} asks for does not exist in this account.`,
  },
  {
    fits: ({ message }) => /Region is missing/i.test(message),
    reason: "unavailable",
    words: () => "No AWS region is set; set `region` of the source, or AWS_REGION.",
  },
  {
    fits: ({ name, message }) => name === "SyntaxError" || /Deserialization error/i.test(message),
    reason: "malformed",
    words: (what) => `${what} was answered with something that is not AWS's.`,
    isRetryable: true,
  },
  {
    fits: ({ message }) => /ENOTFOUND|EAI_AGAIN/.test(message),
    reason: "unavailable",
    words: (what) =>
      `${what} found no such host; check \`region\` and \`endpoint\`, and the network.`,
    isRetryable: true,
  },
];

const outOfReach: Rule = {
  fits: () => true,
  reason: "unavailable",
  words: (what) => `${what} failed; AWS may be out of reach.`,
  isRetryable: true,
};

function isSkewed({ name, message }: Thrown): boolean {
  return skewed.test(name) || (badKeys.test(name) && skewedWords.test(message));
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
interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly status: number | null;
}

function deepest(error: unknown): Thrown {
  let at: unknown = error;
  while (at instanceof AwsCallFault) at = at.cause;
  if (!(at instanceof Error)) return { name: "Error", message: String(at), status: null };
  const { $metadata: meta } = at as { $metadata?: { httpStatusCode?: number } };
  return { name: at.name, message: at.message, status: meta?.httpStatusCode ?? null };
}
