import { type AwsSettings, awsClientConfig } from "../aws/client.ts";

async function make(settings: AwsSettings) {
  const sdk = await import("@aws-sdk/client-cloudwatch");
  const client = new sdk.CloudWatchClient(awsClientConfig(settings));
  return { sdk, client, region: await client.config.region() };
}

/** The SDK of CloudWatch with a client of it. */
export type CloudWatch = Awaited<ReturnType<typeof make>>;

/** The client of a source, loaded with its first question. */
export function lazyCloudWatch(settings: AwsSettings) {
  let made: Promise<CloudWatch> | null = null;
  return {
    get(): Promise<CloudWatch> {
      made ??= make(settings);
      made.catch(() => {
        made = null;
      });
      return made;
    },
    async close() {
      const known = await made?.catch(() => null);
      known?.client.destroy();
      made = null;
    },
  };
}
