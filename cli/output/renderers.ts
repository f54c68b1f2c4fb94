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
  failed: boolean;
  skipped?: string;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/** All steps at once on a terminal, each with a spinner, how far it is, and its time. */
export function terminalRenderer(): StepRenderer {
  const states = new Map<string, LineState>();
  let shown: Promise<unknown> = Promise.resolve();
  const entitle = (state: LineState, title: string): void => {
    if (state.line !== undefined) state.line.title = title;
  };
  return {
    begin(steps) {
      for (const { id } of steps) states.set(id, lineState());
      const lines = steps.map(({ id, title }) => ({
        title,
        task: async (_context: unknown, line: Line): Promise<void> => {
          const state = states.get(id);
          if (state === undefined) return;
          state.line = line;
          await state.ended;
          if (state.skipped !== undefined) line.skip(`${title}: ${state.skipped}`);
          if (state.failed) throw new Error(line.title); // Listr's way to mark a line red; the error itself is ours to tell.
        },
      }));
      shown = new Listr(lines, { concurrent: true, exitOnError: false, rendererOptions: { showErrorMessage: false } }).run();
    },
    show(event) {
      const state = states.get(event.step.id);
      if (state === undefined) return;
      const { title } = event.step;
      if (event.event === "progress" && state.line !== undefined) state.line.output = event.text;
      if (event.event === "done") entitle(state, `${title} (${seconds(event.ms)})`);
      if (event.event === "failed") {
        state.failed = true;
        entitle(state, `${title} (failed after ${seconds(event.ms)})`);
      }
      if (event.event === "skipped") state.skipped = event.text;
      if (event.event !== "start" && event.event !== "progress") state.end();
    },
    async end() {
      for (const state of states.values()) {
        if (!state.failed) state.skipped ??= "not waited for"; // Lines that ended before are closed already.
        state.end();
      }
      await shown;
    },
  };
}

function lineState(): LineState {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { failed: false, ended, end };
}
