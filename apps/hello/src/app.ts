/** What the app is made of besides its code; a test gives its own. */
export interface Surroundings {
  /** Of the environment variable GREETING. */
  readonly greeting: string;
  readonly version: string;
  readonly fetch: (url: string) => Promise<Response>;
}

/** Answers one request. Each request runs in an instance of its own: nothing is kept in between. */
export async function answer(request: Request, surroundings: Surroundings): Promise<Response> {
  const url = new URL(request.url);
  switch (`${request.method} ${url.pathname}`) {
    case "GET /":
      return Response.json({ greeting: surroundings.greeting, version: surroundings.version, host: url.host });
    case "POST /echo":
      return new Response(await request.text(), { headers: { "content-type": request.headers.get("content-type") ?? "text/plain" } });
    case "GET /fetch":
      return fetchFor(url.searchParams.get("url") ?? "", surroundings);
    default:
      return Response.json({ error: `no ${request.method} ${url.pathname} here` }, { status: 404 });
  }
}

/** Shows what the app's `outboundHosts` permit: 502 with the reason where the app may not go. */
async function fetchFor(target: string, { fetch }: Surroundings): Promise<Response> {
  if (!/^https?:\/\/./.test(target)) {
    return Response.json(
      { error: `url: not a URL, got ${JSON.stringify(target)}; expected for example https://example.com/` },
      { status: 400 },
    );
  }
  try {
    const response = await fetch(target);
    return Response.json({ url: target, status: response.status, bytes: (await response.arrayBuffer()).byteLength });
  } catch (error) {
    console.error(`${target}: ${error}`);
    return Response.json({ url: target, error: String(error) }, { status: 502 });
  }
}
