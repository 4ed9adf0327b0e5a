/** One line of a chart: a metric of a service, added up or averaged over its attributes. */
export interface Panel {
  label: string;
  service: string;
  metric: string;
  /** Only rows whose attributes contain this text. */
  where?: string;
  /** Divides values, such as bytes to megabytes. */
  per?: number;
}

const browse: Panel = {
  label: "Page loads, 95th percentile (ms)",
  service: "storefront",
  metric: "storefront.browse.duration.p95",
};
const checkoutErrors: Panel = {
  label: "Failed checkouts per 10 s",
  service: "storefront",
  metric: "storefront.checkout.duration.errors",
};
const orders: Panel = { label: "Orders per 10 s", service: "checkout", metric: "orders.placed" };
const success: Panel = {
  label: "Payment success rate",
  service: "payment",
  metric: "payment.success_rate",
};
const queueAge: Panel = {
  label: "Oldest unsent confirmation (s)",
  service: "worker",
  metric: "queue.oldest_age",
};

/** What to look at in each recording: the symptom, then the place where it comes from. */
export const panels: Record<string, readonly [Panel, Panel]> = {
  "tight-timeout": [
    success,
    {
      label: "Failed calls of payment to its provider per 10 s",
      service: "payment",
      metric: "http.client.request.duration.errors",
    },
  ],
  "dropped-index": [
    browse,
    {
      label: "Rows read by sequential scans per 10 s",
      service: "postgres",
      metric: "postgresql.sequential_rows_read",
    },
  ],
  healthy: [
    {
      label: "Checkouts, 99th percentile (ms)",
      service: "storefront",
      metric: "storefront.checkout.duration.p99",
    },
    orders,
  ],
  "connection-leak": [
    checkoutErrors,
    {
      label: "Connections of payment in use (of 5)",
      service: "payment",
      metric: "db.client.connection.count",
      where: "used",
    },
  ],
  "provider-outage": [checkoutErrors, orders],
  "n-plus-one": [
    browse,
    {
      label: "Database statements of catalog per 10 s",
      service: "catalog",
      metric: "db.client.operation.duration.count",
    },
  ],
  "poison-message": [
    queueAge,
    { label: "Confirmations sent per 10 s", service: "worker", metric: "confirmations.sent" },
  ],
  "memory-leak": [
    {
      label: "Storefront requests failed per 10 s",
      service: "storefront",
      metric: "http.server.request.duration.errors",
    },
    {
      label: "Heap of catalog (MB)",
      service: "catalog",
      metric: "nodejs.heap.used",
      per: 1_000_000,
    },
  ],
  "flag-country": [
    checkoutErrors,
    {
      label: "Orders from France per 10 s",
      service: "checkout",
      metric: "orders.placed",
      where: '"FR"',
    },
  ],
  "flash-sale": [
    {
      label: "Checkouts, 95th percentile (ms)",
      service: "storefront",
      metric: "storefront.checkout.duration.p95",
    },
    { label: "Checkout attempts per 10 s", service: "checkout", metric: "checkout.attempts" },
  ],
  "two-faults": [browse, queueAge],
  "cpu-hog": [
    browse,
    {
      label: "CPU of inventory (1 = one core)",
      service: "inventory",
      metric: "process.cpu.utilization",
    },
  ],
  "no-logs": [success, orders],
};
