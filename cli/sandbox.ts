/** The local cloud. Loaded when a command needs it: for a real account none of it is read. */
export type Sandbox = typeof import("../sandbox/sandbox.ts");

export async function loadSandbox(): Promise<Sandbox> {
  return import("../sandbox/sandbox.ts");
}
