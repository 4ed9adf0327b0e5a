/**
 * The whole Slack conversation with no Slack account: a Slack double, Shodo's real Slack face, and
 * a page that renders the workspace and lets a person press everything.
 *
 *   npm run demo:slack                    a scripted analyst plays all ten screens
 *   npm run demo:slack -- --capture DIR   the built-in analyst over a recorded incident
 *   npm run demo:slack -- --shots DIR     also takes a screenshot of each screen (needs Chromium)
 */
import { parseArgs } from "node:util";
import { playStory, type Scene, storyScript } from "../src/slack/testing/demo-story.ts";
import { openRecordedStage } from "../src/slack/testing/recorded-stage.ts";
import { serveDemo } from "../src/slack/testing/render/demo-server.ts";
import { openStage } from "../src/slack/testing/stage.ts";
import { type Frame, openCamera } from "./camera.ts";

const { values } = parseArgs({
  options: {
    capture: { type: "string" },
    shots: { type: "string" },
    port: { type: "string", default: "4310" },
    user: { type: "string", default: "U0ANA0001" },
  },
});

if (values.capture) await recorded(values.capture);
else await story();

/** All ten screens, then the page stays open. */
async function story(): Promise<void> {
  const stage = await openStage({ script: storyScript, settings: { twoPeople: true } });
  const demo = await serveDemo(stage.double, values.shots ? 0 : Number(values.port));
  const camera = values.shots ? await openCamera(values.shots) : null;
  await playStory(stage, async (scene) => {
    console.log(`${scene.name}: ${address(demo.url, scene)}`);
    await camera?.take(scene.name, address(demo.url, scene), frameOf(scene.name));
  });
  await camera?.close();
  if (!camera) return stay(demo.url);
  await demo.close();
  await stage.close();
}

/** The real analyst reads a recorded incident; its alarm starts the conversation. */
async function recorded(folder: string): Promise<void> {
  const stage = await openRecordedStage(folder);
  const demo = await serveDemo(stage.double, values.shots ? 0 : Number(values.port));
  const root = await stage.fire();
  const scene: Scene = {
    name: "recorded-incident",
    user: values.user,
    channel: "C0INCID01",
    thread: root,
    view: "channel",
  };
  await stage.reported();
  console.log(address(demo.url, scene));
  if (!values.shots) return stay(demo.url);
  const camera = await openCamera(values.shots);
  await camera.take(scene.name, address(demo.url, scene), "whole-thread");
  await camera.close();
  await demo.close();
  await stage.close();
}

function address(url: string, scene: Scene): string {
  const query = new URLSearchParams({
    user: scene.user,
    channel: scene.channel,
    thread: scene.thread ?? "",
    view: scene.view,
  });
  return `${url}/?${query}`;
}

function frameOf(name: string): Frame {
  if (name.startsWith("s4")) return "whole-thread";
  if (name === "s2-stopped") return "thread-start";
  return ["s3-alarm", "s8-home", "s10-direct"].includes(name) ? "page" : "thread-end";
}

function stay(url: string): void {
  console.log(`\nOpen ${url} and press anything. Ctrl-C ends it.`);
}
