import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";

/** An independent implementation of AWS on this machine, when `moto_server` is installed. */
export const isMotoThere = spawnSync("moto_server", ["--help"], { stdio: "ignore" }).status === 0;
const missing = "moto_server is not installed (pip install 'moto[server]')";
// biome-ignore lint/style/noProcessEnv: only a runner of tests knows that it is CI
if (!isMotoThere && process.env.CI) throw new Error(`${missing}: in CI its tests must run`);
if (!isMotoThere) process.stderr.write(`${missing}: its tests are skipped\n`);

/** To be put behind the name of a test. */
export const motoNote = isMotoThere ? "" : " (skipped: moto_server is not installed)";

export interface Moto {
  readonly endpoint: string;
  stop(): void;
}

/**
 * Credentials that stand-ins for AWS take; the SDK's own places are looked at without a network.
 */
export function fakeAwsCredentials(environment: NodeJS.ProcessEnv): void {
  environment.AWS_ACCESS_KEY_ID = "test";
  environment.AWS_SECRET_ACCESS_KEY = "test";
  environment.AWS_EC2_METADATA_DISABLED = "true";
}

/** Starts moto on a free port and waits until it answers. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
    detached: true,
  });
  const endpoint = `http://127.0.0.1:${port}`;
  for (let left = 300; left > 0; left--) {
    const isUp = await fetch(`${endpoint}/moto-api/data.json`).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) return { endpoint, stop: () => stop(child) };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  stop(child);
  throw new Error("moto_server did not start");
}

/** The command is a shim that starts Python: the whole group ends. */
function stop(child: ChildProcess): void {
  if (child.pid) process.kill(-child.pid, "SIGTERM");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
