import { FakeOpenAi } from "../src/agent/testing/fake-openai.ts";
import { policies } from "../src/agent/testing/policies.ts";

/**
 * An OpenAI-compatible server that answers by a policy in code: to try the model commands without a
 * key. `node scripts/fake-model.ts [competent|nonsense|contrary|denying] [port]`, then
 * OPENAI_BASE_URL.
 */
const [name = "competent", port = "8089"] = process.argv.slice(2);
const policy = policies[name];
if (!policy) throw new Error(`There is no policy "${name}": ${Object.keys(policies).join(", ")}.`);
const server = new FakeOpenAi([policy()]);
const url = await server.start(Number(port));
process.stdout.write(`export OPENAI_BASE_URL=${url} OPENAI_API_KEY=none\n`);
