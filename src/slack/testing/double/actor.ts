import { asJson, type Json, list } from "../../blocks/shape-checks.ts";
import type { Delivery } from "./delivery.ts";
import type { SlackDouble } from "./slack-double.ts";
import { type DoubleMessage, type DoubleView, rendered } from "./workspace.ts";

/**
 * A person in the workspace. They can only do what a person could: click what is rendered, submit
 * the modal that is open, write where they are. Anything else is an error that says what there was.
 */
export class Actor {
  readonly id: string;
  readonly #double: SlackDouble;

  constructor(double: SlackDouble, id: string) {
    this.#double = double;
    this.id = id;
  }

  /** Writes in a channel or thread, mentioning the app; Slack sends two events for it. */
  async mention(channel: string, text: string, thread: string | null = null) {
    const { workspace } = this.#double;
    const message = this.#write(channel, `<@${workspace.botUser}> ${text}`, thread);
    const event = this.#event(message);
    const sent = [
      this.#double.event({ ...event, type: "app_mention" }),
      this.#double.event({ ...event, type: "message", channel_type: "channel" }),
    ];
    return { message, deliveries: await Promise.all(sent) };
  }

  /** Writes in a channel or thread without a mention. */
  async say(channel: string, text: string, thread: string | null = null) {
    const message = this.#write(channel, text, thread);
    const event = { ...this.#event(message), type: "message", channel_type: "channel" };
    return { message, delivery: await this.#double.event(event) };
  }

  /** Writes to the app directly. */
  async dm(text: string, thread: string | null = null) {
    const channel = this.#double.workspace.imOf(this.id);
    const message = this.#write(channel.id, text, thread);
    const event = { ...this.#event(message), type: "message", channel_type: "im" };
    return { message, delivery: await this.#double.event(event) };
  }

  async command(channel: string, text: string): Promise<Delivery> {
    return this.#double.deliver("slash_commands", {
      command: "/investigate",
      text,
      user_id: this.id,
      user_name: this.id,
      team_id: this.#double.workspace.team,
      channel_id: channel,
      channel_name: channel,
      trigger_id: this.#double.workspace.newTrigger(this.id),
      response_url: `${this.#double.url}/response/${channel}/${this.id}`,
      api_app_id: this.#double.workspace.appId,
      token: "t",
    });
  }

  /** The message shortcut, from the menu of any message. */
  /** `more` is what else Slack would send of the message, such as attachments. */
  async shortcut(message: DoubleMessage, more: Json = {}): Promise<Delivery> {
    return this.#interact({
      type: "message_action",
      callback_id: "investigate_this",
      message_ts: message.ts,
      channel: { id: message.channel, name: message.channel },
      response_url: `${this.#double.url}/response/${message.channel}/${this.id}`,
      message: {
        type: "message",
        ts: message.ts,
        text: message.text,
        blocks: message.blocks,
        ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
        ...(message.user ? { user: message.user } : { bot_id: message.bot ?? "B0OTHER" }),
        ...more,
      },
    });
  }

  async globalShortcut(): Promise<Delivery> {
    return this.#interact({ type: "shortcut", callback_id: "investigate" });
  }

  /** Clicks the button with this text or action id, as it is rendered now. */
  async click(message: DoubleMessage, what: string): Promise<Delivery> {
    const live = this.#live(message);
    const found = elementsOf(rendered(live)).filter(({ element }) => element.type === "button");
    const hit = found.find(
      ({ element }) => asJson(element.text).text === what || element.action_id === what,
    );
    if (!hit) throw new Error(`no button “${what}”; there is ${names(found)}`);
    return this.#act(live, hit, { value: hit.element.value });
  }

  /** Chooses an option by its text or value, in the select that offers it. */
  async select(message: DoubleMessage, option: string): Promise<Delivery> {
    const live = this.#live(message);
    const found = elementsOf(rendered(live)).filter(
      ({ element }) => element.type === "static_select",
    );
    for (const hit of found) {
      const chosen = list(hit.element.options).find(
        (one) => String(asJson(one.text).text).includes(option) || one.value === option,
      );
      if (chosen) return this.#act(live, hit, { selected_option: chosen });
    }
    throw new Error(`no option “${option}”`);
  }

  async feedback(message: DoubleMessage, verdict: "good" | "bad"): Promise<Delivery> {
    const live = this.#live(message);
    const hit = elementsOf(rendered(live)).find((one) => one.element.type === "feedback_buttons");
    if (!hit) throw new Error("no feedback buttons");
    const key = verdict === "good" ? "positive_button" : "negative_button";
    return this.#act(live, hit, { value: asJson(hit.element[key]).value });
  }

  /** The native Stop of an agent's session. */
  async stop(channel: string, thread: string) {
    return this.#double.event({
      type: "agent_session_stopped",
      channel,
      channel_id: channel,
      thread_ts: thread,
      user: this.id,
      event_ts: this.#double.workspace.newTs(),
    });
  }

  async openHome(tab: "home" | "messages") {
    return this.#double.event({
      type: "app_home_opened",
      user: this.id,
      channel: this.#double.workspace.imOf(this.id).id,
      tab,
      event_ts: this.#double.workspace.newTs(),
    });
  }

  /** Clicks on the home tab. */
  async clickHome(what: string): Promise<Delivery> {
    const home = this.#double.workspace.homes.get(this.id);
    if (!home) throw new Error("no home tab was published");
    const found = elementsOf(list(home.blocks));
    const hit = found.find(
      ({ element }) => asJson(element.text).text === what || element.action_id === what,
    );
    if (!hit) throw new Error(`no button “${what}”; there is ${names(found)}`);
    return this.#interact({
      type: "block_actions",
      container: { type: "view", view_id: "VHOME" },
      view: { id: "VHOME", type: "home", ...home },
      actions: [action(hit, { value: hit.element.value })],
    });
  }

  /** The modal this person has open. */
  modal(): DoubleView | null {
    const open = [...this.#double.workspace.views.values()].filter(
      (view) => view.user === this.id && view.open,
    );
    return open.at(-1) ?? null;
  }

  /**
   * Submits the open modal; values by block id. An `errors` answer keeps it open and is returned.
   */
  async submit(values: Readonly<Record<string, string>>): Promise<Json> {
    const open = this.modal();
    if (!open) throw new Error("no modal is open");
    if (!open.view.submit) throw new Error("this modal has nothing to submit");
    const inputs = list(open.view.blocks).filter((block) => block.type === "input");
    for (const name of Object.keys(values)) {
      if (!inputs.some((block) => block.block_id === name)) throw new Error(`no input “${name}”`);
    }
    const state: Record<string, Json> = {};
    for (const block of inputs) {
      const id = String(block.block_id);
      const element = asJson(block.element);
      const value = values[id];
      if (value === undefined && block.optional !== true) throw new Error(`“${id}” is required`);
      state[id] = { [String(element.action_id)]: inputState(element, value) };
    }
    const delivery = await this.#interact({
      type: "view_submission",
      view: {
        id: open.id,
        hash: open.hash,
        ...open.view,
        state: { values: state },
      },
    });
    if (delivery.ackedInMs === null) throw new Error("the submission was not acked in time");
    if (delivery.response.response_action !== "errors") open.open = false;
    this.#double.workspace.changed();
    return delivery.response;
  }

  /** Only what this person can see: a deleted or someone else's ephemeral message is gone. */
  #live(message: DoubleMessage): DoubleMessage {
    const live = this.#double.workspace.find(message.channel, message.ts);
    if (!live || (live.ephemeralFor !== null && live.ephemeralFor !== this.id)) {
      throw new Error("that message is not there any more");
    }
    return live;
  }

  #write(channel: string, text: string, thread: string | null): DoubleMessage {
    return this.#double.workspace.add({ channel, text, user: this.id, threadTs: thread });
  }

  #event(message: DoubleMessage): Json {
    const team = this.#double.workspace.users.get(this.id)?.team ?? this.#double.workspace.team;
    return {
      user: this.id,
      text: message.text,
      ts: message.ts,
      channel: message.channel,
      event_ts: message.ts,
      team,
      ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
      ...(team === this.#double.workspace.team ? {} : { user_team: team, source_team: team }),
    };
  }

  #act(message: DoubleMessage, hit: Hit, more: Json): Promise<Delivery> {
    return this.#interact({
      type: "block_actions",
      container: { type: "message", message_ts: message.ts, channel_id: message.channel },
      channel: { id: message.channel, name: message.channel },
      message: {
        ts: message.ts,
        text: message.text,
        blocks: rendered(message),
        ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
      },
      response_url: `${this.#double.url}/response/${message.channel}/${this.id}`,
      actions: [action(hit, more)],
    });
  }

  #interact(payload: Json): Promise<Delivery> {
    const { workspace } = this.#double;
    const team = workspace.users.get(this.id)?.team ?? workspace.team;
    return this.#double.deliver("interactive", {
      user: { id: this.id, username: this.id, name: this.id, team_id: team },
      team: { id: workspace.team, domain: "double" },
      api_app_id: workspace.appId,
      token: "t",
      trigger_id: workspace.newTrigger(this.id),
      action_ts: workspace.newTs(),
      ...payload,
    });
  }
}

interface Hit {
  readonly block: Json;
  readonly element: Json;
}

function elementsOf(blocks: readonly Json[]): Hit[] {
  return blocks.flatMap((block) => [
    ...(["actions", "context_actions"].includes(String(block.type))
      ? list(block.elements).map((element) => ({ block, element }))
      : []),
    ...(block.accessory ? [{ block, element: asJson(block.accessory) }] : []),
    ...elementsOf(list(block.child_blocks)),
  ]);
}

function names(found: readonly Hit[]): string {
  return found.map(({ element }) => String(asJson(element.text).text ?? element.type)).join(", ");
}

function action(hit: Hit, more: Json): Json {
  return {
    type: hit.element.type,
    action_id: hit.element.action_id,
    block_id: hit.block.block_id ?? "b1",
    action_ts: "1",
    ...more,
  };
}

function inputState(element: Json, value: string | undefined): Json {
  if (element.type === "plain_text_input") {
    const least = Number(element.min_length ?? 0);
    if (value !== undefined && value.length < least)
      throw new Error(`at least ${least} characters`);
    return { type: element.type, value: value ?? null };
  }
  const option = list(element.options).find((one) => one.value === value);
  if (value !== undefined && !option) throw new Error(`no option “${value}”`);
  return { type: element.type, selected_option: option ?? null };
}
