import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

/** A stretch of network between the service and something outside, which can be cut. */
export interface Wire {
  readonly port: number;
  /** While cut, what is open breaks and nothing new is let through. */
  cut(isCut: boolean): void;
  close(): void;
}

export async function wireTo(port: number): Promise<Wire> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = dial(port, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const breakAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: (value) => {
      isCut = value;
      if (isCut) breakAll();
    },
    close: () => {
      breakAll();
      server.close();
    },
  };
}
