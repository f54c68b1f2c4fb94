import { expect, test, vi } from "vitest";
import { answer, type Surroundings } from "../../apps/hello/src/app.ts";

const surroundings: Surroundings = {
  greeting: "good day",
  version: "1.2.3",
  fetch: () => Promise.reject(new Error("not expected")),
};

const ask = (path: string, init?: RequestInit, given: Partial<Surroundings> = {}) =>
  answer(new Request(`http://hello.apps.localhost${path}`, init), { ...surroundings, ...given });

test("/ greets with what its environment says", async () => {
  const response = await ask("/");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ greeting: "good day", version: "1.2.3", host: "hello.apps.localhost" });
});

test("/echo sends the body back with its type", async () => {
  const response = await ask("/echo", { method: "POST", body: "<p>hé</p>", headers: { "content-type": "text/html" } });
  expect(response.headers.get("content-type")).toBe("text/html");
  expect(await response.text()).toBe("<p>hé</p>");
});

test.each([
  ["GET", "/echo"],
  ["POST", "/"],
  ["GET", "/nowhere"],
])("%s %s is not there", async (method, path) => {
  const response = await ask(path, { method });
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({ error: `no ${method} ${path} here` });
});

test("/fetch tells what it got", async () => {
  const fetch = vi.fn(() => Promise.resolve(new Response("12345", { status: 203 })));
  const response = await ask("/fetch?url=https%3A%2F%2Fapi.example%2Fx", {}, { fetch });
  expect(fetch).toHaveBeenCalledWith("https://api.example/x");
  expect(await response.json()).toEqual({ url: "https://api.example/x", status: 203, bytes: 5 });
});

test("/fetch says why it could not", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const response = await ask("/fetch?url=https%3A%2F%2Fapi.example%2F", {}, { fetch: () => Promise.reject(new TypeError("denied")) });
  expect(response.status).toBe(502);
  expect(await response.json()).toEqual({ url: "https://api.example/", error: "TypeError: denied" });
  expect(log).toHaveBeenCalledWith("https://api.example/: TypeError: denied");
  log.mockRestore();
});

test("/fetch wants a URL", async () => {
  const response = await ask("/fetch?url=nonsense");
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: 'url: not a URL, got "nonsense"; expected for example https://example.com/' });
});
