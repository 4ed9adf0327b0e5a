/**
 * Ids of everything a person can press. They live on in old messages for years, so they never
 * change meaning; a new meaning gets a new version.
 */
export const actionIds = {
  acknowledge: "shodo.acknowledge.v1",
  stop: "shodo.stop.v1",
  retry: "shodo.retry.v1",
  priority: "shodo.priority.v1",
  runbook: "shodo.runbook.v1",
  openReport: "shodo.report.v1",
  /** Buttons with an address: Slack sends an event that only needs an ack. */
  openLink: "shodo.link.v1",
  feedback: "shodo.feedback.v1",
  prompt: "shodo.prompt.v1",
} as const;

export const viewIds = {
  priority: "shodo.priority-modal.v1",
  runbook: "shodo.runbook-modal.v1",
  feedback: "shodo.feedback-modal.v1",
  home: "shodo.home.v1",
} as const;

export const inputIds = {
  reason: "reason",
  decision: "decision",
  service: "service",
  feedbackReason: "feedback-reason",
  feedbackText: "feedback-text",
} as const;
