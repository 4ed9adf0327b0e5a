import { z } from "zod";
import { systemClock } from "../../platform/clock.ts";

/** Settings that every AWS source shares: which account, which region, by which right. */
export const awsSettings = z.strictObject({
  /** Region to read; AWS_REGION or the profile's region when absent. */
  region: z.string().min(1).optional(),
  /** Named profile of the AWS configuration files. */
  profile: z.string().min(1).optional(),
  /** Role to assume for the reads, `arn:aws:iam::123456789012:role/name`. */
  roleArn: z
    .string()
    .regex(/^arn:[\w-]+:iam::\d{12}:role\/.+$/, "is not the ARN of a role")
    .optional(),
  /** What the role's trust policy asks for, when it asks for an external id. */
  externalId: z.string().min(1).optional(),
  /** Another address than AWS's own: a VPC endpoint, or a stand-in for AWS. */
  endpoint: z.url().optional(),
  /** Names of resources (functions, load balancers, log groups, …) to names of services. */
  services: z.record(z.string(), z.string()).default({}),
});
export type AwsSettings = z.infer<typeof awsSettings>;

/** What a client of the SDK is made with. */
export interface AwsClientConfig {
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly maxAttempts: number;
  readonly credentials?: () => Promise<AwsCredentials>;
}

interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Attempts per call, by the SDK's own back-off; throttling beyond them is an outcome. */
const attemptsMax = 4;
/** Assumed credentials are renewed this long before they end. */
const renewEarlyMs = 5 * 60_000;

/** The settings as the configuration of a client; assumed credentials are kept and renewed. */
export function awsClientConfig(settings: AwsSettings): AwsClientConfig {
  const { region, profile, endpoint, roleArn } = settings;
  const base = {
    ...(region ? { region } : {}),
    ...(profile ? { profile } : {}),
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: attemptsMax,
  };
  return roleArn ? { ...base, credentials: sessionOf(base, roleArn, settings.externalId) } : base;
}

type Session = () => Promise<AwsCredentials>;

/** Sessions of this process: several sources that assume one role share one. */
const sessions = new Map<string, Session>();
const sessionsMax = 200;

function sessionOf(base: AwsClientConfig, roleArn: string, externalId: string | undefined) {
  const { region, profile, endpoint } = base;
  const key = JSON.stringify([roleArn, externalId, region, profile, endpoint]);
  const known = sessions.get(key);
  if (known) return known;
  const made = assumedRole(base, roleArn, externalId);
  const [oldest] = sessions.keys();
  if (sessions.size >= sessionsMax && oldest !== undefined) sessions.delete(oldest);
  sessions.set(key, made);
  return made;
}

function assumedRole(
  base: AwsClientConfig,
  roleArn: string,
  externalId: string | undefined,
): Session {
  let current: Promise<AwsCredentials> | null = null;
  let endsAt = Number.POSITIVE_INFINITY;
  const assume = async (): Promise<AwsCredentials> => {
    const { AssumeRoleCommand, STSClient } = await import("@aws-sdk/client-sts");
    const client = new STSClient(base);
    try {
      const { Credentials: found } = await client.send(
        new AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: "shodo",
          ...(externalId ? { ExternalId: externalId } : {}),
        }),
      );
      return {
        accessKeyId: found?.AccessKeyId ?? "",
        secretAccessKey: found?.SecretAccessKey ?? "",
        ...(found?.SessionToken ? { sessionToken: found.SessionToken } : {}),
        ...(found?.Expiration ? { expiration: found.Expiration } : {}),
      };
    } catch (cause) {
      throw new AssumeRoleFault(roleArn, cause);
    } finally {
      client.destroy();
    }
  };
  return (): Promise<AwsCredentials> => {
    if (endsAt - renewEarlyMs <= systemClock.now()) current = null;
    current ??= assume().then(
      (found) => {
        endsAt = found.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
        return found;
      },
      (error: unknown) => {
        current = null;
        throw error;
      },
    );
    return current;
  };
}

/** The role could not be assumed: no read was made at all. */
export class AssumeRoleFault extends Error {
  readonly roleArn: string;
  constructor(roleArn: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.roleArn = roleArn;
  }
}
