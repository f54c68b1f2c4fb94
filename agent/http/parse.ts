import type { z } from "zod";
import type { ApiResponse } from "./local-api.ts";

/** The part of an answer that we use, checked: an API that changed is named here, not somewhere later. */
export function parseAnswer<T>(schema: z.ZodType<T>, response: ApiResponse, call: string): T {
  let content: unknown;
  try {
    content = JSON.parse(response.body);
  } catch {
    throw new Error(`${call}: answer is no JSON, got ${JSON.stringify(response.body.slice(0, 80))}`);
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Error(`${call}: answer of another form, at ${issue?.path.join(".") || "its root"}: ${issue?.message}`);
}
