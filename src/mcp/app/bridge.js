/**
 * The host's side of the MCP Apps dialect (2026-01-26), by hand: JSON-RPC over postMessage with the
 * parent window only. The SDK's helper would make this page twenty times as large.
 */
export function connectHost(listeners) {
  const waiting = new Map();
  let lastId = 0;

  const send = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
  const notify = (method, params = {}) => send({ method, params });
  const request = (method, params) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      send({ id: lastId, method, params });
    });

  const answer = (message) => {
    const entry = waiting.get(message.id);
    if (!entry) return;
    waiting.delete(message.id);
    if (message.error) entry.reject(new Error(message.error.message));
    else entry.resolve(message.result);
  };

  window.addEventListener("message", (event) => {
    const message = event.data;
    if (event.source !== window.parent || message?.jsonrpc !== "2.0") return;
    if (message.method === undefined) return answer(message);
    if (message.method === "ui/notifications/tool-input") {
      listeners.input(message.params?.arguments ?? {});
    } else if (message.method === "ui/notifications/tool-result") {
      listeners.result(message.params);
    } else if (message.method === "ui/notifications/host-context-changed") {
      listeners.context(message.params ?? {});
    } else if (message.id !== undefined) {
      // `ping` and `ui/resource-teardown` want an empty answer; nothing here needs to be saved.
      const isKnown = message.method === "ping" || message.method === "ui/resource-teardown";
      const error = { code: -32601, message: "Method not found" };
      send(isKnown ? { id: message.id, result: {} } : { id: message.id, error });
    }
  });

  const host = { request, notify, capabilities: {} };
  const ready = request("ui/initialize", {
    appInfo: { name: "shodo-investigation", version: "1" },
    appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
    protocolVersion: "2026-01-26",
  }).then((result) => {
    host.capabilities = result.hostCapabilities ?? {};
    listeners.context(result.hostContext ?? {});
    notify("ui/notifications/initialized");
    return host;
  });
  return { ready, host };
}
