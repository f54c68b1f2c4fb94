import { jsonRenderer, plainRenderer, terminalRenderer } from "./renderers.ts";
import type { StepRenderer } from "./steps.ts";

/** What a command says: progress on standard error, results on standard output. */
export interface Output {
  readonly json: boolean;
  /** A line for people; nothing with `--json`. */
  print(text: string): void;
  /** What the command found or did, for programs; nothing without `--json`. */
  result(data: object): void;
  /** Steps of one command. */
  renderer(): StepRenderer;
}

export interface Streams {
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly err: { write(text: string): unknown };
}

export function createOutput(json: boolean, { out, err }: Streams): Output {
  return {
    json,
    print: (text) => {
      if (!json) out.write(`${text}\n`);
    },
    result: (data) => {
      if (json) out.write(`${JSON.stringify({ event: "result", ...data })}\n`);
    },
    renderer: () => {
      if (json) return jsonRenderer((line) => out.write(`${line}\n`));
      return out.isTTY === true ? terminalRenderer() : plainRenderer((line) => err.write(`${line}\n`));
    },
  };
}
