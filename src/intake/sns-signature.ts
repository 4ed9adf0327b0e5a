import { createVerify, type X509Certificate } from "node:crypto";
import { verifyChain } from "./certificate-chain.ts";
import type { SenderTools } from "./sender.ts";

/** The parts of a message that its signature covers, and those that say how to check it. */
export interface SignedMessage {
  readonly Type: string;
  readonly MessageId: string;
  readonly TopicArn: string;
  readonly Message: string;
  readonly Timestamp: string;
  readonly Subject?: string | null | undefined;
  readonly Token?: string | undefined;
  readonly SubscribeURL?: string | undefined;
  readonly Signature: string;
  readonly SignatureVersion: "1" | "2";
  readonly SigningCertURL: string;
}

export type SignatureCheck =
  | { readonly kind: "signed" }
  | { readonly kind: "forged"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

const certificateBytesMax = 65_536;
const keptMs = 3_600_000;
const keptMax = 16;
/** SNS serves its own certificates under this name alone. */
const certificatePath = /^\/SimpleNotificationService-[0-9a-zA-Z]+\.pem$/;
const certificateSubject =
  /(?:^|\n)CN=sns(?:-signing)?(?:\.[a-z0-9-]+)?\.amazonaws\.(?:com|com\.cn|eu)$/m;

/**
 * Checks messages as the SNS developer guide describes ("Verifying the signatures of Amazon SNS
 * messages"), with the host pinned to the topic's own region and the certificate followed to a
 * root.
 */
export function signatureChecker(
  tools: SenderTools,
): (message: SignedMessage) => Promise<SignatureCheck> {
  const kept = new Map<string, { until: number; leaf: X509Certificate }>();
  const certificate = async (url: string): Promise<X509Certificate | string> => {
    const now = tools.clock.now();
    const known = kept.get(url);
    if (known && known.until > now && Date.parse(known.leaf.validTo) > now) return known.leaf;
    const pem = new TextDecoder().decode(await tools.fetchBytes(url, certificateBytesMax));
    const { fetchBytes, trustedRoots: roots } = tools;
    const chain = await verifyChain({ pem, roots, now, fetchBytes });
    if (chain.kind === "untrusted") return chain.reason;
    if (!certificateSubject.test(chain.leaf.subject)) return "the certificate is not one of SNS";
    if (kept.size >= keptMax) kept.clear();
    kept.set(url, { until: now + keptMs, leaf: chain.leaf });
    return chain.leaf;
  };
  return async (message) => {
    if (!isSnsUrl(message.SigningCertURL, message.TopicArn, certificatePath)) {
      return {
        kind: "forged",
        reason: "the certificate's address is not one of SNS in the topic's region",
      };
    }
    let leaf: X509Certificate | string;
    try {
      leaf = await certificate(message.SigningCertURL);
    } catch {
      return { kind: "unknown", reason: "the signing certificate could not be fetched" };
    }
    if (typeof leaf === "string") return { kind: "forged", reason: leaf };
    const verify = createVerify(message.SignatureVersion === "1" ? "RSA-SHA1" : "RSA-SHA256");
    verify.update(textToSign(message));
    return verify.verify(leaf.publicKey, message.Signature, "base64")
      ? { kind: "signed" }
      : { kind: "forged", reason: "the signature does not fit the message" };
  };
}

/** `Key`, line feed, value, line feed, in alphabetical order of keys. */
export function textToSign(message: SignedMessage): string {
  const fields =
    message.Type === "Notification"
      ? (["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"] as const)
      : ([
          "Message",
          "MessageId",
          "SubscribeURL",
          "Timestamp",
          "Token",
          "TopicArn",
          "Type",
        ] as const);
  return fields
    .map((field) => [field, message[field]] as const)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([field, value]) => `${field}\n${value}\n`)
    .join("");
}

/** True for `https://sns.<region of the topic>.amazonaws.com/…` and its two other partitions. */
export function isSnsUrl(address: string, topicArn: string, path: RegExp): boolean {
  const region = topicArn.split(":")[3] ?? "";
  if (!/^[a-z]{2,}(-[a-z]+)+-\d$/.test(region) || !URL.canParse(address)) return false;
  const url = new URL(address);
  const hosts = ["amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"];
  return (
    url.protocol === "https:" &&
    url.port === "" &&
    url.username === "" &&
    url.password === "" &&
    hosts.some((suffix) => url.hostname === `sns.${region}.${suffix}`) &&
    path.test(url.pathname)
  );
}
