import { type Routes, serve } from "./http.ts";
import { log } from "./log.ts";
import { flushTelemetry } from "./telemetry.ts";

/**
 * Runs a service until it is told to stop (SIGTERM, or the control plane is gone): answers what is
 * under way, flushes telemetry, exits. Reports `ready` to the control plane once it listens.
 */
export async function runService(routes: Routes, { onStop }: { onStop?: () => void } = {}) {
  const server = await serve(routes, Number(process.env.SHOP_PORT));
  log.info(`${process.env.OTEL_SERVICE_NAME} ${process.env.SHOP_VERSION} started`);
  process.send?.({ ready: true });
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    onStop?.();
    server.close();
    server.closeIdleConnections();
    await new Promise((done) => setTimeout(done, 300));
    await flushTelemetry();
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("disconnect", stop);
  // Ctrl-C reaches the whole process group; the control plane decides the order of stopping.
  process.on("SIGINT", () => undefined);
}
