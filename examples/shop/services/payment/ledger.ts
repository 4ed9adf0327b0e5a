import { pool } from "../../lib/db.ts";

/** Writes the outcome of a charge to the ledger and returns its id. */
export async function record(
  charge: { order: string; amountCents: number },
  outcome: { kind: "authorized" | "declined" },
): Promise<number> {
  const client = await pool.connect();
  try {
    const seen = await client.query(
      "SELECT id FROM payments WHERE order_ref = $1 AND status = $2",
      [charge.order, outcome.kind],
    );
    if (seen.rows[0]) return seen.rows[0].id;
    const { rows } = await client.query(
      "INSERT INTO payments (order_ref, amount_cents, status) VALUES ($1, $2, $3) RETURNING id",
      [charge.order, charge.amountCents, outcome.kind],
    );
    return rows[0].id;
  } finally {
    client.release();
  }
}
