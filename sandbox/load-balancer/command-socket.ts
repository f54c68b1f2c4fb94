import { connect } from "node:net";

/** Sends one command to HAProxy's command socket and returns its answer. */
export function haproxyCommand(socketPath: string, command: string, timeoutMs = 2_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let text = "";
    socket.setTimeout(timeoutMs, () =>
      socket.destroy(new Error(`${socketPath}: no answer to "${command}" for ${timeoutMs} ms; expected one`)),
    );
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      text += part;
    });
    socket.once("error", reject);
    socket.once("close", (failed) => {
      if (!failed) resolve(text);
    });
    socket.end(`${command}\n`);
  });
}
