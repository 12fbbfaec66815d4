/*
 * The newest announcement of this company's privacy service, on the company's own pages:
 *
 *   <p data-avow-announcement><a href="https://privacy.example/announcements">Announcements</a></p>
 *   <script src="https://privacy.example/announce.js" defer></script>
 *
 * Without this script the link stays as it is. With it, the element shows the newest announcement, until the reader
 * puts it away; that is remembered in this browser alone. Nothing is sent: the feed is fetched without cookies.
 */
(() => {
  "use strict";
  const house = new URL(document.currentScript.src).origin;
  const kept = "avow-announcement-put-away";
  const put = (place, item) => {
    const link = document.createElement("a");
    link.href = item.url;
    link.textContent = item.title;
    const away = document.createElement("button");
    away.type = "button";
    away.textContent = "Put away";
    away.addEventListener("click", () => {
      try { localStorage.setItem(kept, item.id); } catch { /* then it is back on the next page */ }
      place.hidden = true;
    });
    place.replaceChildren(link, document.createTextNode(" "), away);
  };
  const wasPutAway = (item) => {
    try { return localStorage.getItem(kept) === item.id; } catch { return false; }
  };
  const show = async () => {
    const places = document.querySelectorAll("[data-avow-announcement]");
    if (!places.length) return;
    const answer = await fetch(`${house}/announcements.json`, { credentials: "omit", referrerPolicy: "no-referrer" });
    const [item] = (await answer.json()).items;
    for (const place of places) {
      if (item && wasPutAway(item)) place.hidden = true;
      else if (item) put(place, item);
    }
  };
  show().catch(() => { /* the plain link stays */ });
})();
