/*
 * What a page may do beyond what it does without this file: refresh a part that says so, and copy a text.
 * Nothing here is needed to use any right.
 */
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");

  // <section data-refresh="15" id="wall">: fetch the page again and put the new part in place, while it is looked at.
  const refresh = async (part) => {
    if (document.hidden || part.contains(document.activeElement) || part.matches(":hover")) return;
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "avow" }, credentials: "same-origin" });
    if (!answer.ok) return;
    if (answer.redirected) { location.assign(answer.url); return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
    if (fresh) part.replaceChildren(...fresh.childNodes);
    if (!fresh || !("refresh" in fresh.dataset)) location.reload();
  };
  for (const part of document.querySelectorAll("[data-refresh][id]")) {
    setInterval(() => refresh(part).catch(() => {}), 1000 * Math.max(1, Number(part.dataset.refresh)));
  }

  // <button class="copy" data-copy="id-of-the-text">
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      const said = button.textContent;
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = said; }, 1500);
    });
  }
})();
