"use strict";
// Sends the fields of the form as JSON, and says what came of it. The words are in its attributes.
const form = document.querySelector("form");
const fieldset = form.querySelector("fieldset");
const fault = form.querySelector("[role=alert]");
const show = document.getElementById("show");
const next = document.getElementById("next");
const words = form.dataset;
const faults = {
  TOKEN_INVALID: words.used,
  EMAIL_TAKEN: words.taken,
  TOO_MANY_REQUESTS: words.often,
  PASSWORD_LENGTH: words.length,
};

async function refusal(answer) {
  const status = await answer.json();
  const reasons = (status.details || []).map((detail) => detail.reason).filter(Boolean);
  return faults[reasons[0]] || status.message;
}

async function send(fields) {
  let said;
  try {
    const answer = await fetch(words.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fields),
    });
    said = answer.ok ? "" : await refusal(answer);
  } catch {
    said = words.unreachable;
  }
  return said;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  fault.hidden = true;
  fieldset.disabled = true;
  const said = await send(fields);
  if (said) {
    fieldset.disabled = false;
    fault.hidden = false;
    fault.textContent = said;
    return;
  }
  const title = document.querySelector("h1");
  title.textContent = words.doneTitle;
  document.querySelector(".card > p").textContent = words.doneText;
  form.remove();
  if (next) next.hidden = false;
  title.focus();
});

if (show) {
  const password = document.getElementById("password");
  show.addEventListener("change", () => {
    password.type = show.checked ? "text" : "password";
  });
}
fieldset.disabled = false;
