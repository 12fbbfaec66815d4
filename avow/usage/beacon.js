/*
 * Tells the site's own privacy service which page was opened and which feature was used. It stores nothing and reads
 * nothing of the page. Where the browser says GPC or DNT it sends neither ticket, device nor cookie, and the service,
 * which sees the same wish in the request, keeps the page for nobody.
 *   <script src="…/beacon.js" data-site="name" data-ticket="…" data-device="…" data-pages="off" defer></script>
 *   <button data-avow-feature="export-chart">…</button>
 */
(() => {
  "use strict";
  const me = document.currentScript;
  const quiet = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
  const told = quiet ? { visitor: { gpc: true } } : { ticket: me.dataset.ticket || null, device: me.dataset.device || null };
  const number = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const send = (event) => {
    const visit = { ...told, events: [{ page: location.pathname, at: Date.now(), ...event }] };
    const body = JSON.stringify({ batch: number(), site: me.dataset.site, visits: [visit] });
    const at = new URL("collect", me.src).href;
    const credentials = quiet ? "omit" : "include";
    fetch(at, { method: "POST", body, keepalive: true, credentials, headers: { "Content-Type": "text/plain" } }).catch(() => {});
  };
  const opened = () => send({ kind: "page" });
  if (me.dataset.pages !== "off") document.prerendering ? document.addEventListener("prerenderingchange", opened, { once: true }) : opened();
  document.addEventListener("click", (click) => {
    const used = click.target.closest?.("[data-avow-feature]");
    if (used) send({ kind: "feature", feature: used.dataset.avowFeature });
  }, { capture: true });
})();
