/** Controller that aborts with its parent, and whose listener on the parent is removed by `release`. */
export interface ChildSignal {
  readonly signal: AbortSignal;
  abort(reason?: Error): void;
  release(): void;
}

/** Stands in for `AbortSignal.any`, which in Node 20 keeps a reference on a long-lived parent for every call. */
export function childSignal(parent: AbortSignal | undefined, timeoutMs?: number): ChildSignal {
  const controller = new AbortController();
  const follow = () => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  else parent?.addEventListener("abort", follow, { once: true });
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => {
      clearTimeout(timer);
      parent?.removeEventListener("abort", follow);
    },
  };
}
