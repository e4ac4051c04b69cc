// Asks the browser for a passkey, and sends what it gives with the form around the button. Without this file, or where
// the browser knows no passkeys, codes work.
"use strict";

const decoded = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const encoded = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function asked(options) {
  const { publicKey } = structuredClone(options);
  publicKey.challenge = decoded(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = decoded(publicKey.user.id);
  for (const name of ["allowCredentials", "excludeCredentials"])
    for (const key of publicKey[name] ?? []) key.id = decoded(key.id);
  return { publicKey };
}

function answered(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  return {
    id: credential.id,
    rawId: encoded(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, encoded(response[part])])),
  };
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  const problem = form.querySelector("[data-passkey-problem]");
  const say = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = false;
  };
  form.querySelector("[data-passkey-button]").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!window.PublicKeyCredential) return say("This browser knows no passkeys. Use a code of an authenticator app.");
    try {
      const credential = await navigator.credentials[form.dataset.passkey](asked(options));
      form.elements.credential.value = JSON.stringify(answered(credential));
      form.submit();
    } catch {
      say("No passkey was given: you or your browser stopped, or it has none for this site. Try again, or use a code.");
    }
  });
}
