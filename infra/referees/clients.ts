import { join } from "node:path";
import type { Referee } from "./run.ts";
import { here, run, serveReal, stdioServer } from "./servers.ts";

/** Clients that are not ours, over both transports; the program lies beside their packages. */
export const otherClients: Referee = async (report) => {
  const server = await serveReal();
  try {
    const ran = await run([join(here, "packages/clients.mjs"), server.url, ...stdioServer]);
    const lines = ran.out.split("\n").filter((line) => line.startsWith("{"));
    for (const line of lines) {
      const { what, ok, detail } = JSON.parse(line) as {
        what: string;
        ok: boolean;
        detail: string;
      };
      report(what, ok, detail);
    }
    if (lines.length < 4) report("other clients", false, `${ran.code}: ${ran.err.slice(-500)}`);
  } finally {
    server.stop();
  }
};
