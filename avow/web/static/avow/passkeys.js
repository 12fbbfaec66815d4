/*
 * <form data-passkey="create|get">: when it is sent, the browser asks the person for a key of theirs, and its answer
 * goes with the form. The options stand in the form as JSON, or are fetched from data-options-at.
 * Whatever goes wrong is said in the form; nothing is sent then.
 */
(() => {
  "use strict";
  const NONE = "This browser has no passkeys. Use another way.";
  const ENDED = "The device gave no passkey: it was cancelled, took too long, or has none for this site. Please try again.";
  const KNOWN = "This device has a passkey for this account already.";

  const options = async (form) => {
    if (!form.dataset.optionsAt) return JSON.parse(form.querySelector('script[type="application/json"]').textContent);
    const answer = await fetch(form.dataset.optionsAt, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.status === 429 ? "Too many tries; please wait a minute." : "Please load this page again.");
    return (await answer.json()).request_options;
  };

  const ask = async (form) => {
    const asked = (await options(form)).publicKey;
    if (form.dataset.passkey === "create") {
      return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
    }
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const said = form.querySelector("[data-said]");
    const button = form.querySelector("button");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      said.hidden = true;
      button.disabled = true;
      try {
        if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) throw new Error(NONE);
        form.elements.credential.value = JSON.stringify((await ask(form)).toJSON());
        form.submit();
      } catch (wrong) {
        said.textContent = wrong.name === "Error" ? wrong.message : wrong.name === "InvalidStateError" ? KNOWN : ENDED;
        said.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
