import { describeError } from "./log.ts";

/** Commands are loaded when called: `bootstrap` is on the way of every boot and needs little of what `run` needs. */
const commands: Readonly<Record<string, () => Promise<void>>> = {
  bootstrap: async () => (await import("./bootstrap/run-bootstrap.ts")).runBootstrap(),
  run: async () => (await import("./run.ts")).runAgent(),
};

const [name = "", ...rest] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined || rest.length > 0) {
  const got = JSON.stringify(process.argv.slice(2).join(" "));
  process.stderr.write(`agent: not a command, got ${got}; expected ${Object.keys(commands).join(" or ")}\n`);
  process.exit(2);
}
command().then(
  // Connections kept alive would hold the process.
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`agent ${name}: ${describeError(error)}\n`);
    process.exit(1);
  },
);
