import { z } from "zod";

/** Consul and Nomad report the health of their servers in one form (`/v1/operator/autopilot/health`, status 429 while unhealthy). */
export const autopilotHealth = z.object({
  Servers: z
    .array(
      z.object({
        Name: z.string(),
        /** `address:port` of the RPC. */
        Address: z.string(),
        SerfStatus: z.string(),
        Leader: z.boolean(),
        Voter: z.boolean(),
        Healthy: z.boolean(),
      }),
    )
    .nullable()
    .transform((servers) => servers ?? []),
});

export type AutopilotServer = z.output<typeof autopilotHealth>["Servers"][number];
