import type { RuleCase } from "./rule-case.ts";

const hostForm = 'a lower-case host name of two labels or more, without port or final dot, e.g. "shop.apps.example.com"';
const sizeForm = 'a whole number and MB, GB or TB, e.g. "64 MB"';
const durationForm = 'a whole number and milliseconds, seconds, minutes, hours or days, e.g. "30 seconds"';
const outboundForm = 'a lower-case host name or an IPv4 address, with a port if it is not 443, e.g. "api.example.com" or "10.0.0.5:5432"';

/** Apps. */
export const appsCases: readonly RuleCase[] = [
  {
    rule: "an app's name is short and lower case",
    change: [
      [
        "apps",
        { "hello-": { pool: "web", routes: ["hello.apps.example.com"], memory: "64 MB", requestTimeout: "1 second", concurrency: 16 } },
      ],
    ],
    says: [
      'example.apps.hello-: is not an app\'s name, got "hello-"; expected a lower-case letter, then up to 39 lower-case letters, digits or hyphens, no hyphen at the end. Rename the app',
    ],
  },
  {
    rule: "an app's pool is a text",
    change: [["apps.hello.pool", 1]],
    says: [
      "example.apps.hello.pool: is not a pool's name, got 1; expected the name of a node pool that has a domain. Name the pool that runs the app",
    ],
  },
  {
    rule: "an app has a route",
    change: [["apps.hello.routes", []]],
    says: ["example.apps.hello.routes: is empty, got []; expected one host name or more. Name the host that the app answers"],
  },
  {
    rule: "a route is lower case",
    change: [["apps.hello.routes", ["Hello.apps.example.com"]]],
    says: [
      `example.apps.hello.routes[0]: is not a host name, got "Hello.apps.example.com"; expected ${hostForm}. Name one host; paths belong to the app`,
    ],
  },
  {
    rule: "memory is 1024 MB at most",
    change: [["apps.hello.memory", "1025 MB"]],
    says: [
      `example.apps.hello.memory: is not an app's memory, got "1025 MB"; expected "1 MB" to "1024 MB": ${sizeForm}. It is the most that one request may use`,
    ],
  },
  {
    rule: "a request takes 5 minutes at most",
    change: [["apps.hello.requestTimeout", "301 seconds"]],
    says: [
      `example.apps.hello.requestTimeout: is not a time for one request, got "301 seconds"; expected "1 millisecond" to "5 minutes": ${durationForm}. Longer work belongs in a queue`,
    ],
  },
  {
    rule: "concurrency is 1000 at most",
    change: [["apps.hello.concurrency", 1001]],
    says: [
      "example.apps.hello.concurrency: is not a number of requests at a time, got 1001; expected a whole number from 1 to 1000. Write a number of this range, without quotes",
    ],
  },
  {
    rule: "an outbound host has no scheme",
    change: [["apps.hello.outboundHosts", ["https://api.example.com"]]],
    says: [
      `example.apps.hello.outboundHosts[0]: is not a host, got "https://api.example.com"; expected ${outboundForm}. Name each host; there are no wildcards`,
    ],
  },
  {
    rule: "an app is not let out to its machine's credentials",
    change: [["apps.hello.outboundHosts", ["api.example.com", "169.254.169.254:80"]]],
    says: [
      `example.apps.hello.outboundHosts[1]: is the machine's own address, got "169.254.169.254:80"; expected ${outboundForm}. Name another host; credentials and agents of the machine are not for apps`,
    ],
  },
  {
    rule: "a variable's name is one",
    change: [["apps.hello.env", { "LOG-LEVEL": "info" }]],
    says: [
      'example.apps.hello.env.LOG-LEVEL: is not a variable\'s name, got "LOG-LEVEL"; expected letters, digits and underscores, no digit first, 128 at most. Rename the variable',
    ],
  },
  {
    rule: "a variable is a text",
    change: [["apps.hello.env", { WORKERS: 4 }]],
    says: ["example.apps.hello.env.WORKERS: is not a text, got 4; expected a text. Write it in quotes; secrets do not belong here"],
  },
];
