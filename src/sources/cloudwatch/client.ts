import { type AwsSettings, awsClientConfig } from "../aws/client.ts";

/** The SDK of CloudWatch with a client of it. */
export async function openCloudWatch(settings: AwsSettings) {
  const sdk = await import("@aws-sdk/client-cloudwatch");
  const client = new sdk.CloudWatchClient(awsClientConfig(settings));
  return { sdk, client, region: await client.config.region() };
}
export type CloudWatch = Awaited<ReturnType<typeof openCloudWatch>>;
