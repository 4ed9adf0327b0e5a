import { requestBy } from "../../core/investigation-request.ts";
import { localPrincipal } from "../../core/principal.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { openAnalyst } from "../open-analyst.ts";

/**
 * A process that kills itself, as `kill -9` does, the moment a given step of its investigation is
 * stored: `run-until-killed.ts <capture> <model> <step>`.
 */
const [capture = "", model = "builtin", last = "1"] = process.argv.slice(2);
const { analyst } = await openAnalyst({
  configFile: undefined,
  model,
  clock: systemClock,
  ids: randomIds(systemClock),
});
analyst.subscribe("all", (event) => {
  if (event.kind === "step" && event.step.number >= Number(last))
    process.kill(process.pid, "SIGKILL");
});
await analyst.investigate(
  requestBy(localPrincipal, {
    model,
    capture,
  }),
);
