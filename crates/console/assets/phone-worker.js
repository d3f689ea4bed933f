// Keeps the capture page on the phone, so that it opens without a network. Everything else is not touched.

const CACHE = "qiao-phone";

self.addEventListener("install", (event) => {
  event.waitUntil(self.skipWaiting());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

const isOwn = (url) => url.origin === self.location.origin && (url.pathname === "/phone" || url.pathname.startsWith("/assets/"));

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET" || !isOwn(new URL(event.request.url))) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    try {
      const answer = await fetch(event.request);
      // A page that asks for a key is not the capture page.
      if (answer.ok && !answer.redirected) await cache.put(event.request, answer.clone());
      return answer;
    } catch (error) {
      const kept = await cache.match(event.request);
      if (kept) return kept;
      throw error;
    }
  })());
});
