// Keeps the client's own files, so that a reload works while the network is away. Network first: what the
// server has now always wins. Requests of the exam protocol are never touched. FILES comes from the server.

const CACHE = "jinbang-exam-pages";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function answer(request, path) {
  try {
    const response = await fetch(request);
    if (response.ok) await (await caches.open(CACHE)).put(path, response.clone());
    return response;
  } catch (unreachable) {
    const kept = await caches.match(path);
    if (kept) return kept;
    throw unreachable;
  }
}

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method === "GET" && FILES.includes(pathname)) event.respondWith(answer(event.request, pathname));
});
