import { createServer } from "node:net";

/** `count` ports from `base` on, checked to be free; 0 takes any free ones. */
export async function claimPorts(base: number, count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let index = 0; index < count; index += 1) {
    ports.push(await probe(base === 0 ? 0 : base + index));
  }
  return ports;
}

function probe(port: number): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      const hint = "choose others with --port";
      fail(taken ? new Error(`port ${port} is already in use; ${hint}`) : error);
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address() as { port: number };
      server.close(() => done(address.port));
    });
  });
}
