import { expect, it } from "vitest";
import { AwsCallFault, awsFailure, isRefused } from "./faults.ts";

function thrown(name: string, message: string, httpStatusCode?: number) {
  const cause = Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
  return new AwsCallFault("cloudwatch:ListMetrics", cause);
}

it.each([
  ["RequestTimeTooSkewed", "The difference between the request time …", 403, /clock/],
  ["InvalidSignatureException", "Signature not yet current: 20260301T100500Z", 400, /clock/],
  ["InvalidSignatureException", "Signature expired: 20260301T100500Z", 403, /clock/],
  ["SignatureDoesNotMatch", "The request signature we calculated …", 403, /credentials/],
  ["CredentialsProviderError", "Could not load credentials", undefined, /set a profile, a role/],
  ["AuthFailure", "not able to validate the credentials", 401, /credentials/],
  ["ExpiredTokenException", "The security token is expired", 403, /sign in again/],
  ["OptInRequired", "You are not subscribed", 403, /does not have in this region/],
  ["Error", "getaddrinfo ENOTFOUND monitoring.eu-wst-1.amazonaws.com", undefined, /`region`/],
])("says what to do about %s (%s), and blames no policy", (name, message, status, words) => {
  const error = thrown(name, message, status);
  expect(awsFailure(error).message).toMatch(words);
  expect(awsFailure(error).message).not.toContain("Effect");
  expect(isRefused(error)).toBe(false);
});

it("names the right that a policy lacks", () => {
  const error = thrown("AccessDeniedException", "not authorized", 400);
  expect(awsFailure(error).message).toContain('"Action":"cloudwatch:ListMetrics"');
  expect(isRefused(error)).toBe(true);
});
