import { HTTPReceiver, type Receiver, SocketModeReceiver } from "@slack/bolt";
import { ConfigError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { SlackSecrets, SlackSettings } from "../core/slack-settings.ts";
import { boltLogger } from "./bolt-logger.ts";
import type { Timers } from "./timers.ts";

/** How events come in, and where they are taken. */
export interface Transport {
  readonly receiver: Receiver;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Port of the HTTP receiver once it listens; null for Socket Mode. */
  port(): number | null;
}

interface TransportOptions {
  readonly settings: SlackSettings;
  readonly secrets: SlackSecrets;
  readonly logger: Logger;
  readonly timers: Timers;
}

/** The transport that the settings name. Throws `ConfigError` when its secret is missing. */
export function openTransport(options: TransportOptions): Transport {
  return options.settings.transport === "http" ? httpTransport(options) : socketTransport(options);
}

function httpTransport({ settings, secrets, logger }: TransportOptions): Transport {
  if (!secrets.signingSecret) {
    throw new ConfigError("SLACK_SIGNING_SECRET is needed for slack.transport: http");
  }
  const receiver = new HTTPReceiver({
    signingSecret: secrets.signingSecret,
    endpoints: ["/slack/events"],
    logger: boltLogger(logger),
  });
  let port: number | null = null;
  return {
    receiver,
    async start() {
      const server = await receiver.start({ port: settings.port, host: settings.host });
      const address = server.address();
      port = typeof address === "object" && address ? address.port : settings.port;
    },
    async stop() {
      if (port === null) return;
      port = null;
      await receiver.stop();
    },
    port: () => port,
  };
}

const stopWithinMs = 2_000;
const reconnectMs = [250, 1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Socket Mode. The library's own reconnection ends in an unhandled rejection when Slack cannot be
 * reached at that moment, so it is off and done here: again and again, more and more slowly.
 */
function socketTransport({ settings, secrets, logger, timers }: TransportOptions): Transport {
  if (!secrets.appToken) {
    throw new ConfigError("SLACK_APP_TOKEN is needed for slack.transport: socket");
  }
  const installerOptions = {
    directInstall: false,
    clientOptions: { slackApiUrl: settings.apiUrl, retryConfig: { retries: 1 } },
  };
  const receiver = new SocketModeReceiver({
    appToken: secrets.appToken,
    logger: boltLogger(logger),
    autoReconnectEnabled: false,
    installerOptions,
  });
  let isStopping = false;
  let failures = 0;
  const connect = async (): Promise<void> => {
    try {
      await receiver.client.start();
      failures = 0;
      logger.info("slack-socket-open");
    } catch (error) {
      failures += 1;
      logger.warn("slack-socket-failed", { failures, error: String(error) });
      again();
    }
  };
  const again = () => {
    if (isStopping) return;
    const wait = reconnectMs[Math.min(failures, reconnectMs.length - 1)] ?? 30_000;
    timers.after(wait, () => void connect());
  };
  return {
    receiver,
    async start() {
      await receiver.start();
      receiver.client.on("disconnected", again);
      logger.info("slack-socket-open");
    },
    async stop() {
      isStopping = true;
      receiver.client.off("disconnected", again);
      // The library waits half a minute for a peer that is gone.
      const late = new Promise<void>((resolve) => timers.after(stopWithinMs, resolve));
      await Promise.race([receiver.stop(), late]);
    },
    port: () => null,
  };
}
