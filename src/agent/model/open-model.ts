import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { ModelError } from "../../core/errors.ts";
import type { ModelSettings } from "../../core/model-settings.ts";
import { modelFetch } from "./model-fetch.ts";

/** A chat model with the name that reports and prices know it by. */
export interface OpenModel {
  /** `openai:gpt-…` */
  readonly name: string;
  readonly chat: BaseChatModel;
}

export interface ModelAccess {
  readonly settings: ModelSettings;
  readonly openaiApiKey: string | null;
}

/** LangChain's adapter package and class for providers beside OpenAI-compatible ones. */
const adapters: Readonly<Record<string, { readonly package: string; readonly class: string }>> = {
  anthropic: { package: "@langchain/anthropic", class: "ChatAnthropic" },
  bedrock: { package: "@langchain/aws", class: "ChatBedrockConverse" },
  google: { package: "@langchain/google-genai", class: "ChatGoogleGenerativeAI" },
  mistral: { package: "@langchain/mistralai", class: "ChatMistralAI" },
  ollama: { package: "@langchain/ollama", class: "ChatOllama" },
};

/** Opens `<provider>:<model>`. Throws `ModelError` that says what is missing and how to get it. */
export async function openModel(name: string, access: ModelAccess): Promise<OpenModel> {
  const [provider = "", ...rest] = name.split(":");
  const model = rest.join(":");
  if (!model) {
    throw new ModelError(
      `The model "${name}" is not known. Use builtin, openai:<model>, or another <provider>:<model>.`,
      { retryable: false },
    );
  }
  if (provider === "openai") return { name, chat: await openOpenAi(model, access) };
  return { name, chat: await openAdapter(provider, model, access.settings) };
}

async function openOpenAi(model: string, access: ModelAccess): Promise<BaseChatModel> {
  const { settings, openaiApiKey } = access;
  const isOpenAiItself = settings.baseUrl === undefined || isOpenAiHost(settings.baseUrl);
  if (openaiApiKey === null && isOpenAiItself) {
    throw new ModelError(`The model "openai:${model}" needs OPENAI_API_KEY in the environment.`, {
      retryable: false,
    });
  }
  const { ChatOpenAI } = await import("@langchain/openai");
  const timeoutMs = settings.timeoutSeconds * 1000;
  const usesResponses =
    settings.wire === "responses" || (settings.wire === "auto" && isOpenAiItself);
  return new ChatOpenAI({
    model,
    // Servers such as Ollama and vLLM ask for no key, but the client refuses to start without one.
    apiKey: openaiApiKey ?? "none",
    useResponsesApi: usesResponses,
    ...(usesResponses ? { zdrEnabled: true } : {}),
    disableStreaming: !settings.stream,
    configuration: {
      ...(settings.baseUrl ? { baseURL: settings.baseUrl } : {}),
      fetch: modelFetch(timeoutMs),
      // Its own notes would stand between the lines of a report; faults are told by the run.
      logLevel: "off",
    },
    timeout: timeoutMs,
    // Retries are the agent's, where they are counted.
    maxRetries: 0,
  });
}

function isOpenAiHost(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "api.openai.com" || hostname.endsWith(".api.openai.com");
}

async function openAdapter(
  provider: string,
  model: string,
  settings: ModelSettings,
): Promise<BaseChatModel> {
  const adapter = adapters[provider];
  if (!adapter) {
    const known = ["openai", ...Object.keys(adapters)].join(", ");
    throw new ModelError(`The provider "${provider}" is not known. Use one of: ${known}.`, {
      retryable: false,
    });
  }
  const module = await importAdapter(adapter.package, provider);
  const Chat = module[adapter.class] as new (options: object) => BaseChatModel;
  return new Chat({ model, maxRetries: 0, timeout: settings.timeoutSeconds * 1000 });
}

async function importAdapter(name: string, provider: string): Promise<Record<string, unknown>> {
  try {
    return (await import(name)) as Record<string, unknown>;
  } catch (error) {
    throw new ModelError(`Models of "${provider}" need a package: npm install ${name}`, {
      retryable: false,
      cause: error,
    });
  }
}
