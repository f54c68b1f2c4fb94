export type LogLevel = "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** One JSON object a line on stdout, which systemd passes to the journal with the time. */
export function jsonLog(part: string, write: (line: string) => void = (line) => void process.stdout.write(line)): Log {
  return (level, message, fields = {}) => write(`${JSON.stringify({ level, part, message, ...fields })}\n`);
}

/** Error in one line, with its causes: the outer text alone ("fetch failed") often says nothing. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current !== undefined && current !== null && parts.length < 4; ) {
    if (!(current instanceof Error)) {
      parts.push(String(current));
      break;
    }
    const code =
      "code" in current && typeof current.code === "string" && !current.message.includes(current.code) ? ` (${current.code})` : "";
    const text = `${current.message || current.name}${code}`;
    if (!parts.includes(text)) parts.push(text);
    current = current.cause;
  }
  return parts.join(": ").replaceAll(/\s+/g, " ").slice(0, 600);
}
