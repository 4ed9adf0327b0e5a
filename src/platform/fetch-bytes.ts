import { UpstreamError } from "../core/errors.ts";

const timeoutMs = 10_000;

/**
 * Body of a GET. Follows no redirect, since an address that was checked must be the one that
 * answers. Throws `UpstreamError` after 10 s, beyond `bytesMax`, and for anything but 2xx.
 */
export async function fetchBytes(url: string, bytesMax: number): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new UpstreamError(`${new URL(url).host} did not answer`, { retryable: true, cause });
  }
  if (!response.ok) {
    const retryable = response.status >= 500 || response.status === 429;
    throw new UpstreamError(`${new URL(url).host} answered ${response.status}`, { retryable });
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > bytesMax) {
      throw new UpstreamError(`${new URL(url).host} sent more than ${bytesMax} bytes`, {
        retryable: false,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
