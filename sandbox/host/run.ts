import { spawn } from "node:child_process";

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its standard input; none by default. */
  readonly input?: string;
  /** Milliseconds after which it is killed; no limit by default. */
  readonly timeoutMs?: number;
  /** Exit codes that are no failure. Default: 0. */
  readonly allowedCodes?: readonly number[];
  /** Called with each line of both outputs, for progress. */
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Fails with its last lines when its exit code is not allowed. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    const output = { stdout: "", stderr: "" };
    const collect = (stream: "stdout" | "stderr") => {
      let rest = "";
      child[stream]?.setEncoding("utf8").on("data", (text: string) => {
        output[stream] += text;
        if (options.onLine === undefined) return;
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) options.onLine(line);
      });
    };
    collect("stdout");
    collect("stderr");
    if (options.input !== undefined) child.stdin?.on("error", () => undefined).end(options.input);
    let expired = false;
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            expired = true;
            child.kill("SIGKILL");
          }, options.timeoutMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(new Error(`${command}: cannot be started, got "${error.message}"; expected a program in PATH. Install it and try again`));
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (code !== null && (options.allowedCodes ?? [0]).includes(code)) {
        resolve({ code, ...output });
        return;
      }
      const got = expired ? `no end within ${options.timeoutMs} ms` : code === null ? `signal ${signal}` : `exit code ${code}`;
      const last = `${output.stderr}\n${output.stdout}`.trim().split("\n").slice(-8).join("\n  ");
      reject(new Error(`${[command, ...args].join(" ").slice(0, 200)}: failed, got ${got}; expected exit code 0\n  ${last}`));
    });
  });
}

/** True if the program is found in PATH. */
export async function hasProgram(name: string): Promise<boolean> {
  const { code } = await run("sh", ["-c", 'command -v "$1"', "sh", name], { allowedCodes: [0, 1, 127] });
  return code === 0;
}
