import { X509Certificate } from "node:crypto";

/** Issuers looked up in a row before giving up. */
const depthMax = 4;
const certificateBytesMax = 32_768;
/** Where Amazon Trust Services publishes the certificates of its authorities. */
const issuerHosts = /^http:\/\/[a-z0-9.-]+\.amazontrust\.com\/[\w.-]+\.(cer|crt|der)$/;

export interface ChainOptions {
  /** The leaf first; further certificates of the chain may follow. */
  readonly pem: string;
  /** PEM certificates that end the chain. */
  readonly roots: readonly string[];
  /** Epoch ms. */
  readonly now: number;
  readonly fetchBytes: (url: string, bytesMax: number) => Promise<Uint8Array>;
}

export type Chain =
  | { readonly kind: "trusted"; readonly leaf: X509Certificate }
  | { readonly kind: "untrusted"; readonly reason: string };

/**
 * Follows a certificate to a trusted root: each is valid now and signed by the next, each issuer is
 * an authority. Issuers that the file lacks are fetched from the address the certificate itself
 * names, on the authority's own hosts; what is fetched counts only if its signature fits.
 */
export async function verifyChain(options: ChainOptions): Promise<Chain> {
  const given = certificatesOf(options.pem);
  const [leaf] = given;
  if (!leaf) return untrusted("the certificate cannot be read");
  const roots = options.roots.flatMap(certificatesOf);
  let current = leaf;
  for (let depth = 0; depth < depthMax; depth += 1) {
    if (!isValidAt(current, options.now)) return untrusted("a certificate is not valid now");
    if (roots.some((root) => isValidAt(root, options.now) && isIssuedBy(current, root))) {
      return { kind: "trusted", leaf };
    }
    const issuer =
      given.find((candidate) => candidate !== current && isIssuedBy(current, candidate)) ??
      (await fetchIssuer(current, options));
    if (!issuer) return untrusted("the chain does not end in a trusted authority");
    if (!issuer.ca) return untrusted("an issuer in the chain is not an authority");
    current = issuer;
  }
  return untrusted("the chain is too long");
}

function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.slice(0, depthMax).map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

function isValidAt(certificate: X509Certificate, now: number): boolean {
  return Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

async function fetchIssuer(
  certificate: X509Certificate,
  options: ChainOptions,
): Promise<X509Certificate | null> {
  const url = /CA Issuers - URI:(\S+)/.exec(certificate.infoAccess ?? "")?.[1];
  if (!url || !issuerHosts.test(url)) return null;
  const issuer = new X509Certificate(await options.fetchBytes(url, certificateBytesMax));
  return isIssuedBy(certificate, issuer) ? issuer : null;
}

function untrusted(reason: string): Chain {
  return { kind: "untrusted", reason };
}
