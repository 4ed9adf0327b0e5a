/**
 * The database process: PGlite behind a Postgres socket unless DATABASE_URL names a real Postgres,
 * and the exporter of its metrics in both cases.
 */
import { runService } from "../../lib/run-service.ts";
import { exportStatistics } from "./statistics.ts";

const stop: (() => void)[] = [];
const port = process.env.SHOP_DATABASE_PORT;
if (port) {
  const { startPostgres } = await import("./postgres.ts");
  stop.push(await startPostgres(Number(port)));
}
const { seed } = await import("./seed.ts");
await seed();
exportStatistics();
await runService({}, { onStop: () => stop.forEach((end) => void end()) });
