import type { types } from "@slack/bolt";

/** Native chart; absent from `@slack/types` 3.2 (docs.slack.dev, data_visualization block). */
export interface ChartBlock {
  readonly type: "data_visualization";
  readonly title: string;
  readonly chart: {
    readonly type: "line" | "bar" | "area";
    readonly axis_config: {
      readonly categories: readonly string[];
      readonly x_label?: string;
      readonly y_label?: string;
    };
    readonly series: readonly {
      readonly name: string;
      readonly data: readonly { readonly label: string; readonly value: number }[];
    }[];
  };
  readonly block_id?: string;
}

export type Block = types.KnownBlock | ChartBlock;
export type PlanBlock = types.PlanBlock;
export type TaskCard = types.TaskCardBlock;
export type DataTable = types.DataTableBlock;
export type Mrkdwn = types.MrkdwnElement;
export type PlainText = types.PlainTextElement;
export type Button = types.Button;
export type RichText = types.RichTextBlock;
export type Chunk = types.AnyChunk;
export type ContainerChild = types.ContainerBlock["child_blocks"][number];

/** Where blocks are shown; limits differ. */
export type Surface = "message" | "modal" | "home";

/** A message as Shodo sends it: blocks, and the whole of it in plain words for notifications. */
export interface MessageView {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** A modal or home tab as Shodo sends it. */
export interface ModalView {
  readonly type: "modal";
  readonly callback_id: string;
  readonly title: PlainText;
  readonly submit?: PlainText;
  readonly close?: PlainText;
  readonly private_metadata?: string;
  readonly blocks: readonly Block[];
}

export interface HomeView {
  readonly type: "home";
  readonly callback_id: string;
  readonly blocks: readonly Block[];
}
