import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

export interface PostgresServer {
  readonly url: string;
  /** Ends it at once, as a crash would; `start` brings it back with what was committed. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

/** Folder with `initdb` and `postgres` of the newest installed version, or null. */
export function postgresBinaries(): string | null {
  const folders = globSync("/usr/lib/postgresql/*/bin").sort();
  return folders.reverse().find((folder) => existsSync(join(folder, "initdb"))) ?? null;
}

/**
 * A server of its own on a socket in a fresh folder. Postgres refuses to run as root, so root runs
 * it as the user `postgres`. `durable` keeps fsync on: slower, and needed to crash it honestly.
 */
export async function startPostgres(
  binaries: string,
  options: { readonly durable: boolean },
): Promise<PostgresServer> {
  const owner = process.getuid?.() === 0 ? postgresUser() : null;
  const user = owner ?? {};
  const folder = mkdtempSync(join(tmpdir(), "shodo-pg-"));
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const initdb = ["-D", data, "-A", "trust", "-U", "shodo", "-E", "UTF8", "--locale=C"];
  execFileSync(join(binaries, "initdb"), initdb, { ...user, stdio: "pipe", cwd: folder });
  const url = `postgresql://shodo@/postgres?host=${encodeURIComponent(folder)}`;
  let child: ChildProcess | null = null;
  const start = async () => {
    const fast = options.durable ? [] : ["-c", "fsync=off", "-c", "full_page_writes=off"];
    const settings = ["-c", "listen_addresses=", "-c", "max_connections=60", ...fast];
    child = spawn(join(binaries, "postgres"), ["-D", data, "-k", folder, ...settings], {
      ...user,
      cwd: folder,
      stdio: "ignore",
    });
    await untilReady(url);
  };
  const stop = async (signal: "SIGQUIT" | "SIGINT") => {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill(signal);
    await ended;
  };
  await start();
  return {
    url,
    start,
    crash: () => stop("SIGQUIT"),
    remove: async () => {
      await stop("SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function postgresUser(): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** Asks until the server answers; thirty seconds at most. */
async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (fault) {
      if (attempt >= 300) throw fault;
      await delay(100);
    }
  }
}
