import { Listr } from "listr2";
import type { StepEvent, StepRenderer } from "./steps.ts";
import { seconds } from "./timeline.ts";

type Write = (line: string) => void;

/** Least time between two lines of one step that only say how far it is: Terraform alone says a hundred. */
const plainIntervalMs = 5_000;

/** One line for each event, with the seconds since the start: for logs and pipes. */
export function plainRenderer(write: Write): StepRenderer {
  const start = performance.now();
  const line = (text: string): void => write(`${seconds(performance.now() - start).padStart(8)}  ${text}`);
  const said = new Map<string, { at: number; text: string }>();
  const isDue = ({ step, text }: { step: { id: string }; text: string }): boolean => {
    const last = said.get(step.id);
    const at = performance.now();
    if (last !== undefined && (last.text === text || at - last.at < plainIntervalMs)) return false;
    said.set(step.id, { at, text });
    return true;
  };
  return {
    begin: () => {},
    show: (event) => {
      if (event.event === "progress" && !isDue(event)) return;
      const text = plainText(event);
      if (text !== undefined) line(text);
    },
    end: async () => {},
  };
}

function plainText(event: StepEvent): string | undefined {
  const { title } = event.step;
  switch (event.event) {
    case "start":
      return title;
    case "progress":
      return `${title}: ${event.text}`;
    case "done":
      return `${title}: done in ${seconds(event.ms)}`;
    case "failed":
      return `${title}: FAILED after ${seconds(event.ms)}`;
    case "skipped":
      return undefined;
  }
}

/** One JSON document a line. */
export function jsonRenderer(write: Write): StepRenderer {
  return {
    begin: () => {},
    show: ({ step, ...event }) => write(JSON.stringify({ time: new Date().toISOString(), step: step.id, title: step.title, ...event })),
    end: async () => {},
  };
}

/** What we use of a line of Listr. */
interface Line {
  title: string;
  output: string;
  skip(message?: string): void;
}

interface LineState {
  line?: Line;
  title: string;
  /** It was done, failed or was skipped, perhaps before Listr began its line. */
  closed: boolean;
  failed: boolean;
  skipped?: string;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/** All steps at once on a terminal, each with a spinner, how far it is, and its time. */
export function terminalRenderer(): StepRenderer {
  const states = new Map<string, LineState>();
  let shown: Promise<unknown> = Promise.resolve();
  return {
    begin(steps) {
      for (const { id, title } of steps) states.set(id, lineState(title));
      const lines = steps.map(({ id, title }) => ({
        title,
        task: async (_context: unknown, line: Line): Promise<void> => {
          const state = states.get(id);
          if (state === undefined) return;
          state.line = line;
          await state.ended;
          line.title = state.title;
          if (state.skipped !== undefined) line.skip(`${title}: ${state.skipped}`);
          if (state.failed) throw new Error(state.title); // Listr's way to mark a line red; the error itself is ours to tell.
        },
      }));
      shown = new Listr(lines, { concurrent: true, exitOnError: false, rendererOptions: { showErrorMessage: false } }).run();
    },
    show(event) {
      const state = states.get(event.step.id);
      if (state === undefined) return;
      const { title } = event.step;
      if (event.event === "progress" && state.line !== undefined) state.line.output = event.text;
      if (event.event === "done") state.title = `${title} (${seconds(event.ms)})`;
      if (event.event === "failed") {
        state.failed = true;
        state.title = `${title} (failed after ${seconds(event.ms)})`;
      }
      if (event.event === "skipped") state.skipped = event.text;
      if (event.event !== "start" && event.event !== "progress") {
        state.closed = true;
        state.end();
      }
    },
    async end() {
      for (const state of states.values()) {
        if (!state.closed) state.skipped = "not waited for";
        state.end();
      }
      await shown;
    },
  };
}

function lineState(title: string): LineState {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { title, closed: false, failed: false, ended, end };
}
