/** Runs `work` for every item, at most `width` at a time. The first failure ends it, after those under way. */
export async function each<T>(items: Iterable<T>, width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let item = queue[next++]; item !== undefined && !failed; item = queue[next++]) {
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(width, queue.length) }, worker));
  const rejected = ends.find((end) => end.status === "rejected");
  if (rejected !== undefined) throw rejected.reason;
}
