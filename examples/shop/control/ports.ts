import { createServer } from "node:net";

// Below the range that the system hands out to outgoing connections, which could take a port
// between its check and its use.
const lowestFree = 10_000;
const highestFree = 30_000;
const triesMax = 200;

/** `count` ports from `base` on, checked to be free; 0 takes any free ones. */
export async function claimPorts(base: number, count: number): Promise<number[]> {
  if (base === 0) return anyPorts(count);
  const ports = Array.from({ length: count }, (_, index) => base + index);
  for (const port of ports) {
    if (await isFree(port)) continue;
    throw new Error(`port ${port} is already in use; choose others with --port`);
  }
  return ports;
}

async function anyPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries += 1) {
    if (tries > triesMax) throw new Error(`found no ${count} free ports; choose some with --port`);
    const port = lowestFree + Math.floor(Math.random() * (highestFree - lowestFree));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") done(false);
      else fail(error);
    });
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
}
