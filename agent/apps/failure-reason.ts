/** Longest reason, in characters: it goes into the index that every node reads. */
const longest = 300;

/**
 * Why a task failed, in one line: its last words, or what Nomad saw. A kill for memory comes first, because the
 * program could not say it itself. Query strings are cut off, they would carry signatures.
 */
export function failureReason(stderr: string, events: readonly string[]): string {
  const said = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .at(-1);
  const ended = events.findLast((event) => /exit code|OOM|failed/i.test(event)) ?? events.at(-1);
  const killed = events.find((event) => /OOM|Exit Code: 137/i.test(event));
  const reason =
    killed !== undefined ? `${killed}: it needs more memory than a compile may use` : (said ?? ended ?? "its job ended without a word");
  const clean = [...reason].map((char) => (char < " " || char === "\x7f" ? " " : char)).join("");
  return clean.replaceAll(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, "$1").slice(0, longest);
}
