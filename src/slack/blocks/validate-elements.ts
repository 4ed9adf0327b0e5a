import { blockLimits as max } from "./block-limits.ts";
import { asJson, count, type Fault, type Json, list, string, text } from "./shape-checks.ts";

/** Faults of one interactive element; lengths from docs.slack.dev/reference/block-kit. */
export function elementFaults(element: Json, path: string): Fault[] {
  const check = checks[String(element.type)];
  if (!check) return [{ path: `${path}/type`, rule: `unknown element ${String(element.type)}` }];
  const isUrlButton = element.type === "button" && element.url !== undefined;
  const id = element.action_id;
  const idFaults =
    id === undefined && isUrlButton ? [] : string(id, `${path}/action_id`, 1, max.actionId);
  return [...idFaults, ...check(element, path), ...confirmFaults(element, path)];
}

const checks: Readonly<Record<string, (element: Json, path: string) => Fault[]>> = {
  button: buttonFaults,
  static_select: (element, path) => [
    ...optionsFaults(element, path),
    ...(element.placeholder
      ? text(element.placeholder, `${path}/placeholder`, max.placeholder, "plain_text")
      : []),
  ],
  radio_buttons: (element, path) => [
    ...count(element.options, `${path}/options`, 1, 10),
    ...optionsFaults(element, path),
  ],
  plain_text_input: () => [],
  feedback_buttons: (element, path) =>
    ["positive_button", "negative_button"].flatMap((key) => {
      const one = asJson(element[key]);
      return [
        ...text(one.text, `${path}/${key}/text`, max.buttonText, "plain_text"),
        ...string(one.value, `${path}/${key}/value`, 1, max.buttonValue),
      ];
    }),
  icon_button: (element, path) => text(element.text, `${path}/text`, max.buttonText, "plain_text"),
};

function buttonFaults(element: Json, path: string): Fault[] {
  const style = element.style;
  return [
    ...text(element.text, `${path}/text`, max.buttonText, "plain_text"),
    ...(element.value === undefined
      ? []
      : string(element.value, `${path}/value`, 1, max.buttonValue)),
    ...(element.url === undefined ? [] : string(element.url, `${path}/url`, 1, max.buttonUrl)),
    ...(style === undefined || style === "primary" || style === "danger"
      ? []
      : [{ path: `${path}/style`, rule: "primary or danger" }]),
  ];
}

function optionsFaults(element: Json, path: string): Fault[] {
  return [
    ...count(element.options, `${path}/options`, 1, max.options),
    ...list(element.options).flatMap((option, i) => [
      ...text(option.text, `${path}/options/${i}/text`, max.optionText),
      ...string(option.value, `${path}/options/${i}/value`, 1, max.optionValue),
    ]),
  ];
}

function confirmFaults(element: Json, path: string): Fault[] {
  if (element.confirm === undefined) return [];
  const confirm = asJson(element.confirm);
  return [
    ...text(confirm.title, `${path}/confirm/title`, max.confirmTitle, "plain_text"),
    ...text(confirm.text, `${path}/confirm/text`, max.confirmText),
    ...text(confirm.confirm, `${path}/confirm/confirm`, max.confirmButton, "plain_text"),
    ...text(confirm.deny, `${path}/confirm/deny`, max.confirmButton, "plain_text"),
  ];
}
