import { query } from "../../lib/db.ts";
import { HttpError } from "../../lib/http.ts";
import { runService } from "../../lib/run-service.ts";
import { authorize, type Charge } from "./charge.ts";
import { record } from "./ledger.ts";
import { countPayment } from "./success-rate.ts";

await runService({
  "POST /charges": async ({ body }) => {
    const charge = body as Charge;
    const outcome = await authorize(charge);
    countPayment(outcome.kind);
    if (outcome.kind === "failed") throw new HttpError(502, outcome.reason);
    const id = await record(charge, outcome);
    if (outcome.kind === "declined") throw new HttpError(402, "card declined");
    return { id, authorization: outcome.authorization };
  },
  "GET /charges": async ({ path }) => {
    const [row] = await query("SELECT id, status, amount_cents FROM payments WHERE id = $1", [
      path[1],
    ]);
    if (!row) throw new HttpError(404, `no charge ${path[1]}`);
    return row;
  },
});
