import type { AlarmRule } from "./fault.ts";

// The shop's standing alarms. Each is on a symptom: what visitors or the business feel.

export const checkoutErrors: AlarmRule = {
  kind: "cloudwatch",
  name: "storefront-checkout-errors",
  service: "storefront",
  metric: "storefront.checkout.duration.errors",
  breach: "above",
  threshold: 1,
  points: 3,
  severity: "critical",
  summary: (observed) =>
    `Threshold crossed: 3 datapoints were greater than the threshold (1.0). Latest: ${observed} failed checkouts in 10 s.`,
};

export const browseLatency: AlarmRule = {
  kind: "alertmanager",
  name: "StorefrontBrowseSlow",
  service: "storefront",
  metric: "storefront.browse.duration.p95",
  breach: "above",
  threshold: 100,
  points: 6,
  severity: "warning",
  summary: (observed) =>
    `95th percentile of page loads is ${Math.round(observed)} ms, above 100 ms for one minute.`,
};

/** The early warning on the same: an idle machine answers even a hundred statements this fast. */
export const browseWarning: AlarmRule = {
  ...browseLatency,
  threshold: 60,
  summary: (observed) =>
    `95th percentile of page loads is ${Math.round(observed)} ms, above 60 ms for one minute.`,
};

export const paymentSuccess: AlarmRule = {
  kind: "cloudwatch",
  name: "payment-success-rate-low",
  service: "payment",
  metric: "payment.success_rate",
  breach: "below",
  threshold: 0.9,
  points: 4,
  severity: "high",
  summary: (observed) =>
    `Payment success rate is ${(observed * 100).toFixed(0)} %, below 90 % for 40 seconds.`,
};

export const confirmationAge: AlarmRule = {
  kind: "alertmanager",
  name: "OrderConfirmationsLate",
  service: "worker",
  metric: "queue.oldest_age",
  breach: "above",
  threshold: 60,
  points: 3,
  severity: "warning",
  summary: (observed) =>
    `The oldest unsent order confirmation has waited ${Math.round(observed)} s (limit 60 s).`,
};

export const storefrontErrors: AlarmRule = {
  kind: "alertmanager",
  name: "StorefrontErrors",
  service: "storefront",
  metric: "http.server.request.duration.errors",
  breach: "above",
  threshold: 4,
  points: 1,
  severity: "critical",
  summary: (observed) => `${observed} storefront requests failed with 5xx within 10 s (limit 4).`,
};

export const checkoutLatency: AlarmRule = {
  kind: "webhook",
  name: "Checkout takes too long",
  service: "storefront",
  metric: "storefront.checkout.duration.p95",
  breach: "above",
  threshold: 1_200,
  points: 4,
  severity: "high",
  summary: (observed) => `Checkout p95 is ${Math.round(observed)} ms (objective 1,200 ms).`,
};
