/** Addresses of the other services, handed over by whoever starts this one (`SHOP_PEERS`). */
const peers = JSON.parse(process.env.SHOP_PEERS ?? "{}") as Record<string, string>;

/** Base address of a service, such as `http://127.0.0.1:8101`. Throws on an unknown name. */
export function addressOf(service: string): string {
  const address = peers[service];
  if (!address) throw new Error(`no address for ${service} in SHOP_PEERS`);
  return address;
}

/** Name of the service behind an origin; the origin itself when it is none of ours. */
export function peerOf(origin: string): string {
  for (const [service, address] of Object.entries(peers)) if (address === origin) return service;
  return origin;
}
