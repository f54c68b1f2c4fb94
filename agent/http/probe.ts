import { Agent, get } from "node:http";

const agent = new Agent({ keepAlive: true, maxSockets: 2, maxTotalSockets: 512 });

/** Whether a URL answers 200 in time, in milliseconds. Never rejects. */
export function probe(url: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      response.resume();
      response.once("error", () => resolve(false));
      response.once("end", () => resolve(response.statusCode === 200));
      response.once("close", () => resolve(false));
    });
    request.once("error", () => resolve(false));
  });
}
