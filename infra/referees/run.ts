/**
 * Judges the MCP server by other people's tools. `node infra/referees/run.ts [name…]`; without
 * names all of them. They are heavy, so they have a lockfile of their own and are installed at
 * first use.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { appInInspector } from "./app-in-inspector.ts";
import { bundle } from "./bundle.ts";
import { otherClients } from "./clients.ts";
import { conformance, conformanceFixtures } from "./conformance.ts";
import { inspector } from "./inspector.ts";
import { here } from "./servers.ts";
import { tarball } from "./tarball.ts";

/** Says what was judged, whether it passed, and the figures or the reason. */
export type Report = (what: string, isPassed: boolean, detail: string) => void;
export type Referee = (report: Report) => Promise<void>;

const referees: Readonly<Record<string, Referee>> = {
  conformance,
  fixtures: conformanceFixtures,
  inspector,
  clients: otherClients,
  app: appInInspector,
  bundle,
  tarball,
};

if (!existsSync(join(here, "packages/node_modules"))) {
  const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: join(here, "packages"),
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (npm.status !== 0) throw new Error("the referees could not be installed");
}

let failed = 0;
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(referees);
for (const name of wanted) {
  const referee = referees[name];
  if (!referee) throw new Error(`${name} is none of ${Object.keys(referees).join(", ")}`);
  await referee((what, isPassed, detail) => {
    if (!isPassed) failed += 1;
    console.log(`${isPassed ? "ok  " : "FAIL"} ${what}: ${detail}`);
  });
}
console.log(failed === 0 ? "all referees agree" : `${failed} judgements failed`);
process.exit(failed === 0 ? 0 : 1);
