/** The shop's business metrics, as `incident.json` names them. An order is worth 62 EUR. */
export const kpis = [
  {
    name: "Revenue",
    metric: "revenue",
    service: "checkout",
    direction: "up-is-good",
    unit: "EUR",
    valuePerUnit: 1,
    currency: "EUR",
  },
  {
    name: "Orders placed",
    metric: "orders.placed",
    service: "checkout",
    direction: "up-is-good",
    unit: "orders",
  },
  {
    name: "Payment success rate",
    metric: "payment.success_rate",
    service: "payment",
    direction: "up-is-good",
    unit: "1",
  },
  {
    name: "Active users",
    metric: "users.active",
    service: "storefront",
    direction: "up-is-good",
    unit: "users",
  },
  {
    name: "Carts abandoned",
    metric: "carts.abandoned",
    service: "storefront",
    direction: "down-is-good",
    unit: "carts",
  },
  {
    name: "Order confirmations sent",
    metric: "confirmations.sent",
    service: "worker",
    direction: "up-is-good",
    unit: "mails",
  },
];

/** The shop's service level objectives. */
export const slos = [
  {
    name: "Checkout availability",
    service: "checkout",
    kind: "availability",
    target: 0.995,
    goodMetric: "checkout.completed",
    totalMetric: "checkout.attempts",
    windowDays: 30,
  },
  {
    name: "Storefront availability",
    service: "storefront",
    kind: "availability",
    target: 0.999,
    badMetric: "http.server.request.duration.errors",
    totalMetric: "http.server.request.duration.count",
    windowDays: 30,
  },
  {
    name: "Browse latency",
    service: "storefront",
    kind: "latency",
    target: 0.95,
    metric: "storefront.browse.duration.p95",
    thresholdMs: 100,
    windowDays: 30,
  },
  {
    name: "Checkout latency",
    service: "storefront",
    kind: "latency",
    target: 0.95,
    metric: "storefront.checkout.duration.p95",
    thresholdMs: 1_200,
    windowDays: 30,
  },
];

/** Who calls whom, as the team's service catalog says. */
export const topology = {
  edges: [
    { from: "storefront", to: "catalog", kind: "http" },
    { from: "storefront", to: "inventory", kind: "http" },
    { from: "storefront", to: "checkout", kind: "http" },
    { from: "checkout", to: "catalog", kind: "http" },
    { from: "checkout", to: "inventory", kind: "http" },
    { from: "checkout", to: "payment", kind: "http" },
    { from: "checkout", to: "worker", kind: "queue" },
    { from: "payment", to: "novapay", kind: "external" },
    { from: "catalog", to: "postgres", kind: "database" },
    { from: "inventory", to: "postgres", kind: "database" },
    { from: "payment", to: "postgres", kind: "database" },
    { from: "checkout", to: "postgres", kind: "database" },
    { from: "worker", to: "postgres", kind: "database" },
  ],
};
