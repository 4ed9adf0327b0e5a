import { runService } from "../../lib/run-service.ts";
import { watchQueue } from "./queue-metrics.ts";
import { work } from "./work.ts";

const stop = new AbortController();
await runService({}, { onStop: () => stop.abort() });
watchQueue();
await work(stop.signal);
