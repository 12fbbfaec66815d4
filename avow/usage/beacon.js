/*
 * Tells the site's own privacy service which page was opened and which feature was used. It stores nothing and reads
 * nothing of the page but its path, and the name of the site before it. Where the browser says GPC or DNT it sends
 * neither ticket, device nor cookie, and the service, which sees the same wish in the request, keeps the page for nobody.
 *   <script src="…/beacon.js" data-ticket="…" data-device="…" data-pages="off" defer></script>
 *   <button data-avow-feature="export-chart">…</button>
 */
(() => {
  "use strict";
  const me = document.currentScript;
  const quiet = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
  const told = quiet ? { visitor: { gpc: true } } : { ticket: me.dataset.ticket || null, device: me.dataset.device || null };
  const before = document.referrer && new URL(document.referrer).host;
  const referrer = before && before !== location.host ? before : null;
  const send = (event) => {
    const body = JSON.stringify({ ...told, page: location.pathname, at: Date.now(), ...event });
    const at = new URL("collect", me.src).href;
    const credentials = quiet ? "omit" : "include";
    fetch(at, { method: "POST", body, keepalive: true, credentials, headers: { "Content-Type": "text/plain" } }).catch(() => {});
  };
  const opened = () => send({ kind: "page", referrer });
  if (me.dataset.pages !== "off") document.prerendering ? document.addEventListener("prerenderingchange", opened, { once: true }) : opened();
  document.addEventListener("click", (click) => {
    const used = click.target.closest?.("[data-avow-feature]");
    if (used) send({ kind: "feature", feature: used.dataset.avowFeature });
  }, { capture: true });
})();
