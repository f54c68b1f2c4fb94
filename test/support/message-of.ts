/** The whole text of the error that a call throws: texts are part of the interface. */
export function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("the call threw nothing");
}
