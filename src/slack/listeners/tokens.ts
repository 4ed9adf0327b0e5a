import type { Listener } from "./listener.ts";

/** The app was taken out of the workspace: say so in the log; nothing can be sent any more. */
export const tokens: Listener = {
  name: "tokens",
  needs: { events: ["tokens_revoked", "app_uninstalled"], scopes: [] },
  register(app, parts) {
    app.event("tokens_revoked", async () => {
      parts.logger.error("slack-tokens-revoked", { do: "install the app again and set its token" });
    });
    app.event("app_uninstalled", async () => {
      parts.logger.error("slack-app-uninstalled", { do: "install the app again" });
    });
  },
};
