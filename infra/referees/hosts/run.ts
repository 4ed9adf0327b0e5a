/**
 * Hosts that people use, opt-in: each is 100 to 400 MB. `node infra/referees/hosts/run.ts NAME…`,
 * or `all`. A host that runs without a screen gets a model endpoint that follows a script; of one
 * that does not, what can be seen is judged, and what is missing is said. Nothing of the person's
 * own is used: the host gets an empty home, the entry that `shodo install` writes there, and no
 * other environment.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, main, scratch } from "../servers.ts";
import { desktopHosts, judgeEntry } from "./desktop.ts";
import { fakeModel } from "./fake-model.ts";
import { type Host, hosts, lastWords } from "./hosts.ts";

const known = [...Object.keys(hosts), ...Object.keys(desktopHosts)];
const named = process.argv.slice(2);
if (named.length === 0) throw new Error(`name a host: ${known.join(", ")}, or all`);

let failed = 0;
for (const name of named.includes("all") ? known : named) {
  const host = hosts[name];
  const desktop = desktopHosts[name];
  if (host) await judgeHost(name, host);
  else if (desktop) await judgeEntry(name, desktop, install(name), say);
  else throw new Error(`${name} is none of ${known.join(", ")}`);
}
process.exit(failed === 0 ? 0 : 1);

async function judgeHost(name: string, host: Host): Promise<void> {
  const home = install(name);
  const folder = installed(name, host);
  const model = await fakeModel(host.script);
  const ran = await run(join(folder, "node_modules/.bin", host.bin), host.prepare(home, model), {
    cwd: home,
    env: { ...homeOf(home), ...host.environment(model) },
  });
  model.close();
  const shown = model.seen.at(-1) ?? "";
  const isShown = shown.includes("01-amber-harbor");
  const isSaid = ran.said.includes(lastWords);
  say(isShown, `${host.install} showed its model the tool's result`);
  say(isSaid, `${host.install} ended with the model's words (exit ${ran.code})`);
  if (!isShown || !isSaid) console.log(ran.said.slice(-2_000), shown.slice(-2_000));
}

/** An empty home in which `shodo install` was run for this client. */
function install(name: string): string {
  const home = join(scratch, name);
  mkdirSync(home, { recursive: true });
  const args = [main, "install", "--client", name, "--local"];
  const ran = spawnSync(process.execPath, args, { cwd: home, env: homeOf(home) });
  say(ran.status === 0, `shodo install --client ${name} (exit ${ran.status})`);
  return home;
}

function homeOf(home: string): NodeJS.ProcessEnv {
  return { PATH: environment.PATH, HOME: home, SHODO_HOME: join(home, "state") };
}

/** Folder in which the host is installed; kept, since it is large. */
function installed(name: string, host: Host): string {
  const folder = join(tmpdir(), `shodo-host-${name}`);
  if (existsSync(join(folder, "node_modules/.bin", host.bin))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const options = ["--no-audit", "--no-fund"];
  const npm = spawnSync("npm", ["install", ...options, host.install], { cwd: folder });
  if (npm.status !== 0) throw new Error(`${host.install} could not be installed: ${npm.stderr}`);
  return folder;
}

async function run(
  bin: string,
  args: readonly string[],
  where: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(bin, args, { ...where, stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, said };
}

function say(isPassed: boolean, what: string): void {
  if (!isPassed) failed += 1;
  console.log(`${isPassed ? "ok  " : "FAIL"} ${what}`);
}
